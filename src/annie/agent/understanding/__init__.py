"""What callers mean: one module per thing to hear, one grammar per language."""
