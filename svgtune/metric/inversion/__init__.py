"""From a picture back to its caption: the embedding of the text that it was made for."""
