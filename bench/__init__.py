"""Benchmarks: each one command that prints a table with a baseline of the same run."""
