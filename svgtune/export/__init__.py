"""Tuned adapters as folders that others can load: cleaned or merged, checked, described, uploaded."""
