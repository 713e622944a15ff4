"""The competition's own judges: PaliGemma 2 for questions and text, CLIP with an aesthetic head for looks."""
