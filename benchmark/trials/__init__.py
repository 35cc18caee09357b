"""Trials: planned, executed in processes of their own, and recorded."""
