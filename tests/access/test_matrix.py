"""Who sees what: every role asks every address, and of what is kept from them no word and no number comes back.

Addresses are taken from the resolver, so that a new page is asked without being told of it. What hidden cases hold may
be in no answer, and whatever counts cases must answer as if those were not there at all.
With MATRIX=lin,ai in the environment it is asked as these alone.
"""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import time_machine

from access.world import (
    CONFIDENTIAL,
    COUNT,
    COUNTED_ALL,
    EXISTENCE,
    KINDS,
    NOT_ASKED,
    NOW,
    OVERSEERS,
    Asked,
    World,
    build,
    canaries,
    everything,
    forbidden,
    hide,
    of_case,
    others,
    readers_of,
    steady,
)
from builders import POLICY
from cast import Cast
from ombud.cases.models import Event
from ombud.cases.references import shown
from ombud.privacy.models import Attempt

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_nobody_is_told_anything_of_what_is_kept_from_them(cast: Cast, media: Path, settings: Any) -> None:
    with time_machine.travel(NOW, tick=False):
        world = build(cast)
        addresses = [each for each in everything() if each[0] not in NOT_ASKED]
        readers = readers_of(world)
        plain = [(name, "/" + route) for name, route, _pattern in addresses if "<" not in route]
        counting = [each for each in readers if each.who in COUNT]
        before = {(each.who, name): steady(each.ask("get", path)) for each in counting for name, path in plain}
        Attempt.objects.all().delete()  # how often all of them ask from one place is another matter
        hide(world)
        events = Event.objects.count()
        differing = []
        for place, each in enumerate(readers):
            Attempt.objects.all().delete()
            for name, path in plain:
                told = each.ask("get", path)
                each.check(world, name, path, told, but=CONFIDENTIAL if _is_existence(each.who, name) else "")
                known = before.get((each.who, name))
                if name not in COUNTED_ALL and known not in (None, steady(told)):
                    differing.append(f"{each.who} {name}: {_difference(known or '', steady(told))}")
            for number, (name, route, pattern) in enumerate(addresses, place):
                # Each reader asks an address about one of the cases; all of them together about every one.
                if "reference>" in route:
                    for kind in {KINDS[number % len(KINDS)]} & set(forbidden(world, each.who)):
                        path = of_case(world.hidden[kind], route, pattern)
                        each.check(world, name, path, each.ask("get", path))
                        each.check(world, name, path, each.ask("post", path))
                elif "<" in route:
                    found = others(world, route)
                    path = found[number % len(found)]
                    each.check(world, name, path, each.ask("get", path))
            _search(world, each)
            _take_along(world, each)
            _merge(world, each)
        leaks = [leak for each in readers for leak in each.leaks]
        assert "\n".join(leaks + differing) == ""
        assert Event.objects.count() == events
        print(f"cells: {sum(each.cells for each in readers)}")


def _difference(before: str, after: str) -> str:
    """Return where two answers begin to differ."""
    place = next((n for n, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    return f"{before[max(0, place - 60) : place + 60]!r} became {after[max(0, place - 60) : place + 60]!r}"


def _is_existence(who: str, name: str) -> bool:
    return name in EXISTENCE and who in OVERSEERS


_PLACES = cycle(["/desk/cases/", "/desk/find/", "/api/v1/cases", "/desk/inbox/"])


def _search(world: World, each: Asked) -> None:
    """Look for the words, names and numbers of hidden cases wherever one can look for something."""
    for kind in forbidden(world, each.who):
        case = world.hidden[kind]
        for words in (case.reference, *canaries(kind).values(), f"ammer{kind}.png"):
            path = next(_PLACES)
            told = each.ask("get", path, {"q": words, "text": words})
            each.check(world, "search", path, told, typed=words)


def _take_along(world: World, each: Asked) -> None:
    """Take every list along."""
    for what in ("register", "duties", "compliance"):
        told = each.ask("post", "/desk/exports/new/", {"list": what, "format": "csv", "query": f"policy={POLICY}"})
        each.check(world, f"export {what}", "/desk/exports/new/", told)


def _merge(world: World, each: Asked) -> None:
    """Name a hidden case wherever one case is led to another: what came in, what was said in public, an act."""
    for kind in forbidden(world, each.who):
        reference = world.hidden[kind].reference
        aims = [
            (f"/desk/inbox/{world.letter.pk}/attach/", {"reference": reference}),
            (f"/desk/opinion/{world.mentions[-1].pk}/case/", {"case": reference}),
            (f"/desk/cases/{world.own.reference}/acts/note/", {"note": reference, "lead_case": reference}),
        ]
        for path, data in aims:
            told = each.ask("post", path, data)
            each.check(world, "merge", path, told, typed=f"{reference} {shown(reference)}")
