"""Convolutions that give the same numbers as torch's, and sooner."""
