"""Views of lists and figures that people keep under a name, for themselves or for a role."""
