"""Keeps the studio's processes alive on one machine. Standard library only, one thread, one loop."""
