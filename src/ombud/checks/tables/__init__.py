"""Decision tables as boxes: gaps and overlaps."""
