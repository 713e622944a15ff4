"""A model's own scored drawings as training data: the best of each caption, and pairs of best and worst."""
