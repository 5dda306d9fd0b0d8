"""What Annie says and does: the embedded agent and what it knows."""
