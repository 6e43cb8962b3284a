"""Labels of texts: how they are spelled, which are meant the same, who relabelled what, and writing them down.

Nothing is imported here: a process that only looks at rows has no database and no settings."""
