"""Views: one file each. The order of import is the order of the columns."""

from features.views import original, gabor, edge, gradient, colour, lab, channels  # isort: skip

__all__ = ["channels", "colour", "edge", "gabor", "gradient", "lab", "original"]
