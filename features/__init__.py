"""Features: images go in, a table comes out.

A feature is a measure of a view: every view of a picture (its grey values, its Gabor response,
its edges ...) times every measure of an image (noise, mean, standard deviation, Haralick's 13 ...).
A new one is a function with the decorator `view`, `measure` or `fitted_measure`; docs/features.md
says what each number is.
"""

from features import measures, views
from features.choice import feature_set
from features.contract import Measure, View, is_built_in
from features.errors import FeatureError
from features.montage import draw_montage
from features.picture import as_picture, coloured, grey, resized
from features.registry import (
    fitted_measure,
    forget_features,
    measure,
    registered_measures,
    registered_views,
    view,
)
from features.sets import PUBLISHED, RICH, SETS, FeatureSet, TrainPictures

__all__ = [
    "PUBLISHED",
    "RICH",
    "SETS",
    "FeatureError",
    "FeatureSet",
    "Measure",
    "TrainPictures",
    "View",
    "as_picture",
    "coloured",
    "draw_montage",
    "feature_set",
    "fitted_measure",
    "forget_features",
    "grey",
    "is_built_in",
    "measure",
    "measures",
    "registered_measures",
    "registered_views",
    "resized",
    "view",
    "views",
]
