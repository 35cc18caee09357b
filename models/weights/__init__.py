"""Weights that networks start from: which there are, where they lie, how they are read."""
