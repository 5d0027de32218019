"""The written policy as data: load, compile, merge with a base, draw."""
