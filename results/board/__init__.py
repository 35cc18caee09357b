"""Boards: rows, their ranks, how sure they are, and what they answer."""
