"""Annie: a self-hosted phone-agent platform."""
