"""Measures: one file each. The order of import is the order of the columns."""

from features.measures import noise, brightness, haralick, histogram  # isort: skip
from features.measures import lbp, gabors, hog, patches  # isort: skip

__all__ = ["brightness", "gabors", "haralick", "histogram", "hog", "lbp", "noise", "patches"]
