"""A family that only says a text again: its rooms, one for each package that has a part of a family."""
