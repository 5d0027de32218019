"""The tree over lines, against the test vectors of RFC 6962's first implementation and by climbing every path."""

from __future__ import annotations

import hashlib

import pytest

from ombud.cases.keeping.tree import climbed, path, tree_hash

# Leaf and node worked out by hand, as the RFC writes them.
LEAF_A = hashlib.sha256(b"\0a").digest()
LEAF_B = hashlib.sha256(b"\0b").digest()
LEAF_C = hashlib.sha256(b"\0c").digest()


def test_nothing_and_one_line() -> None:
    assert tree_hash([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    # The empty leaf of the Certificate Transparency test vectors.
    assert tree_hash([""]) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_three_lines_stand_two_and_one() -> None:
    left = hashlib.sha256(b"\1" + LEAF_A + LEAF_B).digest()
    assert tree_hash(["a", "b", "c"]) == hashlib.sha256(b"\1" + left + LEAF_C).hexdigest()
    assert path(["a", "b", "c"], 2) == [("left", left.hex())]
    assert path(["a", "b", "c"], 0) == [("right", LEAF_B.hex()), ("right", LEAF_C.hex())]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33])
def test_every_line_climbs_to_the_hash_over_all_and_no_other_does(count: int) -> None:
    lines = [f"line {number}" for number in range(count)]
    for index, line in enumerate(lines):
        steps = path(lines, index)
        assert climbed(line, steps) == tree_hash(lines)
        assert climbed(line + " ", steps) != tree_hash(lines)
        assert len(steps) <= (count - 1).bit_length()


def test_a_line_that_is_not_there_has_no_path() -> None:
    with pytest.raises(IndexError):
        path(["a"], 1)
    with pytest.raises(IndexError):
        path([], 0)
