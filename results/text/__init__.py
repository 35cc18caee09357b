"""Boards as tables of text: Markdown, LaTeX, a terminal."""
