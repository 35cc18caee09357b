"""Explanation: which features a model needs, and where in a picture a network looks."""
