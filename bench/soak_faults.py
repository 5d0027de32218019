"""What `make soak` does to an installation: each fault is begun, lasts, and is over; their order follows a seed."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.soak_site import Site

Wait = Callable[[float], object]


class Fault(NamedTuple):
    """One kind of fault."""

    name: str
    strike: Callable[[Site, random.Random, Wait], None]  # returns once it is over; heals nothing that dies by it


def _web(site: Site, dice: random.Random, wait: Wait) -> None:
    site.kill_one("web", dice)


def _clock(site: Site, dice: random.Random, wait: Wait) -> None:
    if dice.random() < 0.5:
        site.kill_one("clock", dice)
    else:
        site.kill_second_clock()


def _database(site: Site, dice: random.Random, wait: Wait) -> None:
    """Kill the server for some seconds; an embedded database dies with all who write it."""
    site.database.kill()
    if not site.database.url:
        site.kill_all()
    wait(dice.uniform(0, 4))


def _everything(site: Site, dice: random.Random, wait: Wait) -> None:
    site.database.kill()
    site.kill_all()


def _full_disk(site: Site, dice: random.Random, wait: Wait) -> None:
    with filled(site.disk):
        wait(dice.uniform(3, 6))


def _slow_mail(site: Site, dice: random.Random, wait: Wait) -> None:
    site.mail.delay = dice.uniform(1, 5)
    wait(dice.uniform(5, 10))
    site.mail.delay = 0.0


def _clock_ahead(site: Site, dice: random.Random, wait: Wait) -> None:
    """Let the clock jump ahead for good, by less in all than the day that an idempotency key is kept."""
    site.set_clock(min(site.offset + dice.uniform(1200, 3600), 20 * 3600))


def _clock_back(site: Site, dice: random.Random, wait: Wait) -> None:
    """Set the clock back, and right again after a while."""
    before = site.offset
    site.set_clock(before - dice.uniform(30, 900))
    wait(dice.uniform(2, 6))
    site.set_clock(before)


NEEDS_DISK = "full disk"
FAULTS = (
    Fault("web killed", _web),
    Fault("clock killed", _clock),
    Fault("database killed", _database),
    Fault("everything killed at once", _everything),
    Fault(NEEDS_DISK, _full_disk),
    Fault("slow mail", _slow_mail),
    Fault("clock ahead", _clock_ahead),
    Fault("clock back", _clock_back),
)


def drawn(dice: random.Random, *, has_disk: bool) -> Iterator[Fault]:
    """Yield faults for ever, the same for the same seed: every kind once, in any order, and so on."""
    kinds = [each for each in FAULTS if has_disk or each.name != NEEDS_DISK]
    while True:
        yield from dice.sample(kinds, len(kinds))


@contextlib.contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Fill a disk up to its last byte, and make room again."""
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(2**16)):
                pass
        yield
    finally:
        filler.unlink(missing_ok=True)
