"""A hash tree over lines: one hash for all of them, and a short path that shows of one line that it is among them.

As RFC 6962, section 2.1: leaves and nodes are hashed apart, and the left side is the largest power of two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Step = tuple[str, str]  # on which side the other hash stands ("left", "right"), and that hash

LEFT, RIGHT = "left", "right"


def tree_hash(lines: Sequence[str]) -> str:
    """Return the hash over the lines in their order, in hexadecimal digits; that of nothing is the hash of nothing."""
    return _hash([_leaf(line) for line in lines]).hex()


def path(lines: Sequence[str], index: int) -> list[Step]:
    """Return what leads from a line to the hash over all, from below. Raises IndexError for one that is not there."""
    if not 0 <= index < len(lines):
        raise IndexError(index)
    steps: list[Step] = []
    leaves = [_leaf(line) for line in lines]
    while len(leaves) > 1:
        left = _left(len(leaves))
        if index < left:
            steps.append((RIGHT, _hash(leaves[left:]).hex()))
            leaves = leaves[:left]
        else:
            steps.append((LEFT, _hash(leaves[:left]).hex()))
            leaves, index = leaves[left:], index - left
    return steps[::-1]


def climbed(line: str, steps: Sequence[Step]) -> str:
    """Return the hash over all lines that a line and its path come to."""
    found = _leaf(line)
    for side, other in steps:
        found = _node(bytes.fromhex(other), found) if side == LEFT else _node(found, bytes.fromhex(other))
    return found.hex()


def _hash(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    left = _left(len(leaves))
    return _node(_hash(leaves[:left]), _hash(leaves[left:]))


def _left(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << (count - 1).bit_length() - 1


def _leaf(line: str) -> bytes:
    return hashlib.sha256(b"\0" + line.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
