"""Example phrases of what callers want, one file per language."""
