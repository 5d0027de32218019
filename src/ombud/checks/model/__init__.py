"""The abstract case that the checks walk through: predicate abstraction and its refinement."""
