"""Features: images go in, a table comes out.

A feature is a measure of a view: every view of a picture (its grey values, its Gabor response,
its edges ...) times every measure of an image (noise, mean, standard deviation, Haralick's 13 ...).
A new one is a function with the decorator `view`, `measure` or `fitted_measure`; docs/features.md
says what each number is.
"""

from features import measures, views
from features.choice import feature_set
from features.errors import FeatureError
from features.picture import as_picture, grey
from features.registry import fitted_measure, forget, measure, view
from features.sets import PUBLISHED, RICH, SETS, FeatureSet

__all__ = [
    "PUBLISHED",
    "RICH",
    "SETS",
    "FeatureError",
    "FeatureSet",
    "as_picture",
    "feature_set",
    "fitted_measure",
    "forget",
    "grey",
    "measure",
    "measures",
    "view",
    "views",
]
