"""Stories told to the engine: dated steps, and what must come of them."""
