"""Quiet time of a role: the hours of each day in which what merely tells it something waits."""

from __future__ import annotations

import re

from ombud.policy.mapping_reader import MappingReader, capital
from ombud.policy.model.people import Quiet

NEVER = "never"
DAY = 24 * 60
_WINDOW = re.compile(r"([0-2]?\d):([0-5]\d)\s*-\s*([0-2]?\d):([0-5]\d)\Z")


def read_quiet(form: MappingReader) -> Quiet | None:
    """Return the quiet time that a role's `quiet` gives; None where it gives none."""
    if "quiet" not in form:
        return None
    if form.scalars("quiet") and [each.text for each in form.scalars("quiet")] == [NEVER]:
        return Quiet(windows=())
    minutes = [False] * DAY
    for scalar in form.scalars("quiet"):
        window = _window(scalar.text)
        if window is None:
            form.problems.add(
                scalar.place,
                f'"{scalar.text}" in "quiet" of {form.what} is not a time of the day: write "22:00-07:00" (it may run '
                "over midnight), a list of such times, or never.",
            )
            return None
        start, end = window
        for minute in range(start, end if start < end else end + DAY):
            minutes[minute % DAY] = True
    if all(minutes):
        form.problems.add(
            form.at("quiet"),
            f'{capital(form.what)} is quiet all day, so it would never be told anything. Leave hours out of "quiet".',
        )
        return None
    return Quiet(windows=tuple(_stretches(minutes)))


def _window(text: str) -> tuple[int, int] | None:
    """Return the first and the last minute (not included) of "22:00-07:00"; None for anything else."""
    match = _WINDOW.match(text)
    if match is None:
        return None
    start, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    return (start, end) if start < DAY and end <= DAY and start != end else None


def _stretches(minutes: list[bool]) -> list[tuple[int, int]]:
    """Return the stretches of quiet minutes of one day, in order."""
    edges = [at for at in range(DAY + 1) if (at < DAY and minutes[at]) != (at > 0 and minutes[at - 1])]
    return list(zip(edges[::2], edges[1::2], strict=True))
