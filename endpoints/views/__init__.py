"""The pages of endpoints, one module for each part of a person's way."""
