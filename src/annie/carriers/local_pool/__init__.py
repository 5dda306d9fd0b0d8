"""The embedded carrier: fictional numbers that behave as a carrier's do."""
