"""Zone tables miss no change of the clocks: read beside them from the files of the time zone database itself."""

from __future__ import annotations

import struct
import zoneinfo
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

from ombud.worktime.zones import _STEP, FIRST_YEAR, _epoch, zone_table


def changes(name: str) -> list[tuple[int, int]]:
    """Return (instant, offset from then on) of each change that the zone's file names; a rule beyond is left out."""
    path = next((each for root in zoneinfo.TZPATH if (each := Path(root, name)).is_file()), None)
    data = path.read_bytes() if path else files("tzdata").joinpath("zoneinfo", name).read_bytes()
    utc, standard, leaps, times, types, letters = struct.unpack(">6l", data[20:44])
    start = 44 + times * 5 + types * 6 + letters + leaps * 8 + standard + utc  # behind the part of 32 bits
    *_beside, times, types, _letters = struct.unpack(">6l", data[start + 20 : start + 44])
    start += 44
    instants = struct.unpack(f">{times}q", data[start : start + 8 * times])
    kinds = data[start + 8 * times : start + 9 * times]
    offsets = [struct.unpack_from(">l", data, start + 9 * times + 6 * each)[0] for each in range(types)]
    found: list[tuple[int, int]] = []
    for instant, kind in zip(instants, kinds, strict=True):
        if not found or offsets[kind] != found[-1][1]:
            found.append((instant, offsets[kind]))
    return found


def test_no_zone_changes_twice_within_a_step() -> None:
    since = _epoch(FIRST_YEAR)
    nearest = min(
        (later - earlier, name)
        for name in zoneinfo.available_timezones()
        for (earlier, _), (later, _) in pairwise(changes(name))
        if earlier >= since
    )
    assert nearest[0] > _STEP, nearest


@pytest.mark.parametrize(
    "name", ["America/Boa_Vista", "Asia/Gaza", "Africa/Casablanca", "Europe/Berlin", "Asia/Shanghai"]
)
def test_a_table_has_the_changes_of_the_file(name: str) -> None:
    asked = [each for each in changes(name) if each[0] >= _epoch(FIRST_YEAR)]
    assert asked
    assert [each for each in zone_table(name)[1:] if each[0] <= asked[-1][0]] == asked
