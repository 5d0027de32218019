"""Figures: what was owed under each clause and what became of it. Reads the register, judges nothing by itself."""
