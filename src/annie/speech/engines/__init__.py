"""One module per speech provider."""
