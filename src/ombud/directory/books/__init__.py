"""Address books: read through the HTTP of their provider, one module each behind one interface."""
