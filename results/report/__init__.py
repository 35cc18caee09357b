"""report.html: a board as one self-contained page, drawn without a browser or a network."""
