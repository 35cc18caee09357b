"""Scores, and how sure they are; nothing here knows of boards."""
