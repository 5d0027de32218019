"""The performance record: per person and period, each figure with how it is counted, and what the person objects."""
