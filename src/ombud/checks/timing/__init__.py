"""What must come before what, and whether the limits along the way fit into each other."""
