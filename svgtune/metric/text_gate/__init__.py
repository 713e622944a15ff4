"""The text gate: which pictures are worth reading."""
