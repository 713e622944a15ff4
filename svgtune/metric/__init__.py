"""How good a drawing is."""
