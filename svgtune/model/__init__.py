"""Models: loading, adapters, precision and training. torch, transformers, peft and trl start here."""
