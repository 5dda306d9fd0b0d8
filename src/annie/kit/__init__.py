"""Shared pieces that know nothing of phones or of any record."""
