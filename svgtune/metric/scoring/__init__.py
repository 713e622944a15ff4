"""Scoring a file of drawings: rows in, questions, scores, figures and a gallery page out."""
