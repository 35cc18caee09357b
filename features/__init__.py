"""Features: images go in, a table comes out.

A feature is a measure of a view: every view of a picture (its grey values, its Gabor response,
its edges) times every measure of an image (noise, mean, standard deviation, Haralick's 13). A new
one is a function with the decorator `view` or `measure`; docs/features.md says what each number is.
"""

from features import measures, views
from features.errors import FeatureError
from features.picture import grey
from features.registry import forget, measure, view
from features.sets import PUBLISHED, SETS, FeatureSet, feature_set

__all__ = [
    "PUBLISHED",
    "SETS",
    "FeatureError",
    "FeatureSet",
    "feature_set",
    "forget",
    "grey",
    "measure",
    "measures",
    "view",
    "views",
]
