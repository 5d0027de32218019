"""The way in for complaints of the past: a table of rows and a mapping file become cases with their history."""
