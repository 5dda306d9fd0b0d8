"""The REST surface: application, authentication, envelopes, limits."""
