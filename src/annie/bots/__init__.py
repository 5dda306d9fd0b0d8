"""Bots: greetings and what they were trained on."""
