"""Training: how a network learns by a recipe, as a scikit-learn classifier."""
