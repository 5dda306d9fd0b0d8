"""API keys and OAuth clients: who may call the API."""
