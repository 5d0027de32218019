"""How long cases are kept, what proves them whole, and how they are erased."""
