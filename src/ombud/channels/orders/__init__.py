"""Work orders of an authority, such as those of 12345: taken in from its table, returned in the same columns."""
