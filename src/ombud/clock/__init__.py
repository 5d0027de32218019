"""What time does: rungs, periodic duties, the daily root, sending, tidying."""
