"""Learning curves: accuracy against the number of training pictures."""
