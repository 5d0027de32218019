"""A series of backups: one whole, then what changed since, each in a sealed file; put back as of any of them."""
