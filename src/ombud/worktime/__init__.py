"""Working time: calendars, six counting modes, explanations. Pure Python, usable alone."""
