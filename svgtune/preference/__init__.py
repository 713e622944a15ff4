"""A model's own scored drawings as training data: the best of each caption, and pairs of best and worst."""

PAIRS_FOLDER = "pairs"
"""Where pairs lie in a folder whose own shards hold the best drawings."""
