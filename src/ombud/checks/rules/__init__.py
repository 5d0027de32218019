"""The checks, each looking for one kind of hole in a policy."""
