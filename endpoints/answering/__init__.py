"""How a published model answers: one file for each family, found by its name."""
