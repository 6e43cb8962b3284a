"""Conversations beside tables: turns of speakers, who of them is the team, and what was asked and answered."""
