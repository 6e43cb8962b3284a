"""Weights as other programs pack them, turned once into a folder that transformers reads."""
