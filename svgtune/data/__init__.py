"""Captions and pictures in, samples out."""
