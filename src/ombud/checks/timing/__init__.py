"""Limits and ladders laid on the real calendars."""
