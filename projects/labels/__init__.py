"""Labels of texts: how they are spelled, which are meant the same, who relabelled what, and writing them down."""
