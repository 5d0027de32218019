"""The written policy as data: load, compile, merge with a base, draw."""

from ombud.policy.draw import draw
from ombud.policy.loader import load, load_sources, shipped
from ombud.policy.problems import PackError, PolicyError, Problem

__all__ = ["PackError", "PolicyError", "Problem", "draw", "load", "load_sources", "shipped"]
