"""One module a revision; each runs alike on SQLite and PostgreSQL."""
