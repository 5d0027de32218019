"""Whose mail is taken in next: senders take turns, so that the thousands of one hold up nobody else's first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

AT_ONCE, LARGEST = 50, 8 * 1024 * 1024  # mails, and bytes of them, that are taken in together
MOST = 20_000  # mails that are known to wait; those behind are looked at when these are fewer
MOST_AHEAD = 5_000  # numbers that are remembered beyond the place up to which all was taken in


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that lies in the mailbox and is not taken in yet."""

    uid: int
    size: int
    turn: int  # how many of its sender's lie before it


class Turns:
    """What waits in a mailbox, and how far it was taken in."""

    def __init__(self, place: Mapping[str, Any], validity: int) -> None:
        known = place if place.get("validity") == validity else {}
        self._validity = validity
        self.last = int(known.get("uid", 0))  # all up to here are taken in
        self._ahead = set(known.get("ahead", ()))
        self._waiting: dict[int, Waiting] = {}
        self._of: Counter[str] = Counter()

    @property
    def place(self) -> dict[str, Any]:
        """Return how far the mailbox was read, as its account keeps it."""
        ahead = {"ahead": sorted(self._ahead)} if self._ahead else {}
        return {"validity": self._validity, "uid": self.last, **ahead}

    def unknown(self, uids: Iterable[int]) -> list[int]:
        """Return those of these numbers, in their order, that are neither taken in nor known to wait."""
        room = MOST - len(self._waiting)
        return [uid for uid in sorted(uids) if uid > self.last and uid not in self._ahead and uid not in self._waiting][
            :room
        ]

    def add(self, uid: int, size: int, sender: str) -> None:
        """Let a mail wait for its turn."""
        self._waiting[uid] = Waiting(uid, size, self._of[sender])
        self._of[sender] += 1

    def next(self) -> list[Waiting]:
        """Return what is to be taken in now: one mail at least, if any waits."""
        is_far_ahead = len(self._ahead) >= MOST_AHEAD
        found = nsmallest(
            AT_ONCE, self._waiting.values(), key=lambda each: (0 if is_far_ahead else each.turn, each.uid)
        )
        bytes_of_all = 0
        for number, each in enumerate(found):
            bytes_of_all += each.size
            if number and bytes_of_all > LARGEST:
                return found[:number]
        return found

    def done(self, uids: Collection[int]) -> None:
        """Take what was taken in, or is not there any more, from what waits."""
        for uid in uids:
            self._waiting.pop(uid, None)
        beyond = self._ahead | set(uids)
        self.last = min(self._waiting) - 1 if self._waiting else max(beyond, default=self.last)
        self._ahead = {uid for uid in beyond if uid > self.last}
