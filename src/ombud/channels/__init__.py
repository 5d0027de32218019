"""Ways in: `intake.receive` is the one entrance; one folder per way in that is not a page."""
