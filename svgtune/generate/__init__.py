"""From captions to drawings: engines, prompts files, selection, and the gallery page."""
