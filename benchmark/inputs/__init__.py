"""From a picture's file to what a model is given: made once, kept in the cache."""
