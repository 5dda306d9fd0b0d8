"""Phone numbers, from provisioning to release."""
