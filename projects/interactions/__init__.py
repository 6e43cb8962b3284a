"""A log of who took what when, with the table of items beside it: understood, checked, and written down for learning."""
