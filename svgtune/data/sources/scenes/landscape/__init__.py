"""Landscapes: sky, terrain, landmarks and weather."""
