"""Programs that Annie is measured beside."""
