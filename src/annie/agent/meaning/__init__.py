"""What callers mean: trained questions, facts of the office, and what else they may want."""

from annie.agent.meaning.encoder import warm
from annie.agent.meaning.intents import Intent
from annie.agent.meaning.meaning import SECOND_CHOICE, THRESHOLD, Candidate, Meaning

__all__ = ["SECOND_CHOICE", "THRESHOLD", "Candidate", "Intent", "Meaning", "warm"]
