"""Organizations: who the business is, where, and when it is open."""
