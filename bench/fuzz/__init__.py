"""Fuzzers of everything that the edge reads from the network: ``python -m bench.fuzz``."""
