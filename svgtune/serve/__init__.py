"""Drawings over HTTP: vLLM's own server underneath, and before it limits, a queue, checks and marks."""
