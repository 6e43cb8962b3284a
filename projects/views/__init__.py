"""The pages of projects: one function, one address. Each module is one object of the paths in `urls.py`."""
