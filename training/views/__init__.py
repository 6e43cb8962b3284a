"""The pages of training, one module for each part of a person's way."""
