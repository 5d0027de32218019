"""Senders take turns, whatever lies before them, and nothing that was passed over is forgotten."""

from __future__ import annotations

import pytest

from ombud.channels.mail import turns
from ombud.channels.mail.turns import Turns


def full(*senders: str, place: dict[str, object] | None = None) -> Turns:
    """Return the turns of a mailbox in which the first mail, of number 1, is of the first sender, and so on."""
    found = Turns(place or {}, 7)
    for uid in found.unknown(range(1, len(senders) + 1)):
        found.add(uid, 1000, senders[uid - 1])
    return found


def rounds(waiting: Turns) -> list[list[int]]:
    taken = []
    while batch := [each.uid for each in waiting.next()]:
        waiting.done(batch)
        taken.append(batch)
    return taken


def test_the_first_mail_of_each_comes_before_the_second_of_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "AT_ONCE", 3)
    assert rounds(full("bomb", "bomb", "bomb", "bomb", "ann", "bob", "ann")) == [[1, 5, 6], [2, 7, 3], [4]]


def test_what_was_taken_in_ahead_is_remembered_until_all_before_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "AT_ONCE", 2)
    waiting = full("bomb", "bomb", "bomb", "ann")
    waiting.done([each.uid for each in waiting.next()])
    assert waiting.place == {"validity": 7, "uid": 1, "ahead": [4]}
    assert rounds(full("bomb", "bomb", "bomb", "ann", place=waiting.place)) == [[2, 3]]
    waiting.done([each.uid for each in waiting.next()])
    assert waiting.place == {"validity": 7, "uid": 4}


def test_a_mailbox_that_was_made_anew_is_looked_at_from_its_beginning() -> None:
    assert Turns({"validity": 6, "uid": 90, "ahead": [95]}, 7).unknown([1, 2]) == [1, 2]


def test_what_was_removed_meanwhile_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Turns({"validity": 7, "uid": 3}, 7)
    assert waiting.unknown([3]) == []  # servers name the last one, however old
    assert waiting.next() == []
    waiting.done([])
    assert waiting.place == {"validity": 7, "uid": 3}


def test_large_mails_are_taken_in_few_at_a_time_and_the_largest_alone() -> None:
    waiting = Turns({}, 7)
    for uid in (1, 2, 3):
        waiting.add(uid, turns.LARGEST, f"{uid}@x")
    assert rounds(waiting) == [[1], [2], [3]]


def test_far_ahead_the_oldest_comes_first_so_that_what_is_remembered_stays_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "AT_ONCE", 1)
    monkeypatch.setattr(turns, "MOST_AHEAD", 1)
    assert rounds(full("bomb", "bomb", "bomb", "ann", "bob", "cid")) == [[1], [4], [2], [3], [5], [6]]


def test_more_than_is_looked_at_together_waits_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST", 2)
    waiting = full("ann", "bob", "cid")
    assert rounds(waiting) == [[1, 2]]
    assert waiting.unknown([1, 2, 3]) == [3]
