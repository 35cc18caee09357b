"""Measures: one file each. The order of import is the order of the columns."""

from features.measures import noise  # isort: skip
from features.measures import brightness  # isort: skip
from features.measures import haralick  # isort: skip
from features.measures import histogram  # isort: skip
from features.measures import lbp  # isort: skip
from features.measures import gabors  # isort: skip
from features.measures import hog  # isort: skip
from features.measures import patches  # isort: skip

__all__ = ["brightness", "gabors", "haralick", "histogram", "hog", "lbp", "noise", "patches"]
