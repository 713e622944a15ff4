"""The competition's submission: a model that always answers in time, its gateway, and its notebook."""
