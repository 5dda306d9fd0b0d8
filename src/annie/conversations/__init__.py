"""Conversations with their messages and recordings."""
