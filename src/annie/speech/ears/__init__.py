"""From frames to caller turns: voice activity, turn ends, recognition."""
