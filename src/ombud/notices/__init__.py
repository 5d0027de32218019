"""Renders and carries what the outbox holds: in-app notices and letters."""
