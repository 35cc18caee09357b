"""report.html: a board as one self-contained page, drawn without a browser or a network."""

from results.report.page import to_html
from results.report.pictures import shown

__all__ = ["shown", "to_html"]
