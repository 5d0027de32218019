"""Keys, encryption of personal values, blind indexes, masking, access log."""
