"""Messages that callers left for the staff."""
