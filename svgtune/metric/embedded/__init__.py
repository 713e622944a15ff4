"""Judges that need no hub: small, offline and fast, trained on procedural scenes."""
