"""Views: one file each. The order of import is the order of the columns."""

from features.views import original  # isort: skip
from features.views import gabor  # isort: skip
from features.views import edge  # isort: skip
from features.views import gradient  # isort: skip
from features.views import colour  # isort: skip
from features.views import lab  # isort: skip
from features.views import channels  # isort: skip

__all__ = ["channels", "colour", "edge", "gabor", "gradient", "lab", "original"]
