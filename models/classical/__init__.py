"""The classical models: the suite, and the classifiers that it mends."""
