"""Measures: one file each. The order of import is the order of the columns."""

from features.measures import noise  # isort: skip
from features.measures import brightness  # isort: skip
from features.measures import haralick  # isort: skip

__all__ = ["brightness", "haralick", "noise"]
