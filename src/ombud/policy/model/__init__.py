"""What a loaded pack is: frozen values, every one with its clauses and its place in the source.

Instants are integer seconds since the epoch; lengths carry their unit. Texts are mappings
from a language tag ("zh", "en") to words. Identifiers are the pack's own keys.
"""
