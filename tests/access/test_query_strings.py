"""Who sees what by query strings: orders, filters, searches and cursors tell no more than the lists themselves.

What a page can be asked is not listed here: its own links and forms say it, and what the code reads of an address is
noted while it reads it. So a new filter is asked without being told of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode, urljoin, urlsplit

import pytest
import time_machine
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict

from access.world import (
    CONFIDENTIAL,
    COUNT,
    COUNTED_ALL,
    EXISTENCE,
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
    readers_of,
    steady,
)
from cast import Cast
from ombud.cases.models import Case, Duty
from ombud.cases.reading.paging import instant_cursor
from ombud.correspondence.models import Message
from ombud.privacy.models import Attempt

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Strings = dict[str, list[str]]  # path -> query strings
MOST = 24  # of one page; beyond it its links repeat themselves
SHARE = 3  # of one page that each reader asks; all together ask all of them

#: Answers that differ for a reason beside hidden cases.
ANEW = {
    "desk_exports_new": "an export is written anew each time",
}


class Noted(QueryDict):
    """The query string of a request, which notes what is read of it."""

    read: set[str] | None = None  # none while the query is being taken apart

    def _note(self, name: Any) -> None:
        if self.read is not None:
            self.read.add(str(name))

    def get(self, name: Any, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def getlist(self, name: Any, default: Any = None) -> Any:
        self._note(name)
        return super().getlist(name, default)

    def __contains__(self, name: Any) -> bool:
        self._note(name)
        return super().__contains__(name)


def note_what_is_read(monkeypatch: pytest.MonkeyPatch) -> defaultdict[str, set[str]]:
    """Return {path: names that the code reads of its query string}, filled while pages are asked."""
    read: defaultdict[str, set[str]] = defaultdict(set)

    def of(request: WSGIRequest) -> QueryDict:
        known: QueryDict | None = request.__dict__.get("_query")
        if known is None:
            known = Noted(request.META.get("QUERY_STRING", ""), encoding=request.encoding)
            known.read = read[request.path]
            request.__dict__["_query"] = known
        return known

    def put(request: WSGIRequest, query: QueryDict) -> None:
        request.__dict__["_query"] = query

    monkeypatch.setattr(WSGIRequest, "GET", property(of, put))
    return read


_LINK = re.compile(r'(?:href|hx-get|data-href)="([^"]*\?[^"]+)"')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_SELECT = re.compile(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_VALUE = re.compile(r'<option[^>]*\bvalue="([^"]+)"')
_TYPED = re.compile(r'<input\b[^>]*\bname="([^"]+)"')
_TICK = re.compile(r"<input\b[^>]*type=\"(?:checkbox|radio)\"[^>]*>")


def offered(path: str, told: str) -> Iterator[str]:
    """Yield the query strings of this page that it offers itself: of its links, and of its forms one value each."""
    for link in map(unescape, _LINK.findall(told)):
        parts = urlsplit(urljoin(path, link))
        if parts.path == path and parts.query:
            yield parts.query
    for attributes, inside in _FORM.findall(told):
        if 'method="post"' in attributes:
            continue
        for name, options in _SELECT.findall(inside):
            yield from (urlencode({name: unescape(value)}) for value in _VALUE.findall(options))
        for tick in _TICK.findall(inside):
            name, value = (re.search(rf'\b{each}="([^"]*)"', tick) for each in ("name", "value"))
            if name and value:
                yield urlencode({name[1]: unescape(value[1])})


def harvest(each: Asked, path: str, read: set[str], known: dict[str, list[str]]) -> list[str]:
    """Return the query strings that a page offers, and those that it offers when asked one of them.

    What its forms let somebody type is added to what is `read`. What a query string leads to is `known` from whoever
    asked it first: others ask it too, offered or not.
    """
    told = each.ask("get", path)
    forms = [inside for attributes, inside in _FORM.findall(told) if 'method="post"' not in attributes]
    read.update(name for inside in forms for name in _TYPED.findall(inside))
    found = list(dict.fromkeys(offered(path, told)))
    for query in found[:MOST]:
        if len(found) >= MOST:
            break
        address = f"{path}?{query}"
        if address not in known:
            known[address] = list(offered(path, each.ask("get", address)))
        found += [more for more in known[address] if more not in found]
    return found[:MOST]


def aimed(world: World, kind: str, names: set[str], place: int) -> Iterator[str]:
    """Yield query strings in which all that the code reads is aimed at a hidden case: its number, keys, words.

    Each reader aims one of these at each name, all together every one.
    """
    case = world.hidden[kind]
    said = canaries(kind)
    message = Message.objects.filter(case=case).order_by("had_at").last()
    duty = Duty.objects.filter(case=case).first()
    values = [
        case.reference, str(case.pk), said["subject"], said["name"], said["email"],
        instant_cursor(Case.objects.get(pk=case.pk).received_at, case.pk + 1), str(10**17),
        *([instant_cursor(message.had_at, message.pk), str(message.pk)] if message else []),
        *([str(duty.pk)] if duty else []),
    ]  # fmt: skip
    for number, name in enumerate(sorted(names)):
        yield urlencode({name: values[(number + place) % len(values)]})


def test_no_query_string_tells_of_what_is_kept_from_whoever_asks(
    cast: Cast, media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOW, tick=False):
        world = build(cast)
        readers = readers_of(world)
        read = note_what_is_read(monkeypatch)
        plain = {
            name: "/" + route
            for name, route, _pattern in everything()
            if "<" not in route and name not in NOT_ASKED and name not in ANEW
        }
        known: dict[str, list[str]] = {}
        strings = {
            each.who: {name: harvest(each, path, read[path], known) for name, path in plain.items()} for each in readers
        }
        shares = {each.who: share(strings[each.who], place) for place, each in enumerate(readers)}
        before = {
            (each.who, name, query): steady(each.ask("get", f"{plain[name]}?{query}"))
            for each in readers
            if each.who in COUNT
            for name, query in shares[each.who]
        }
        Attempt.objects.all().delete()
        hide(world)
        differing, asked = [], 0
        for place, each in enumerate(readers):
            Attempt.objects.all().delete()
            for name, query in shares[each.who]:
                path = f"{plain[name]}?{query}"
                told, known = each.ask("get", path), before.get((each.who, name, query))
                allowed = CONFIDENTIAL if each.who in OVERSEERS and name in EXISTENCE else ""
                each.check(world, name, path, told, but=allowed)
                asked += 1
                if name not in COUNTED_ALL and known not in (None, steady(told)):
                    differing.append(f"{each.who} {name} {query}")
            for name, path in plain.items():
                kinds = forbidden(world, each.who)
                allowed = CONFIDENTIAL if each.who in OVERSEERS and name in EXISTENCE else ""
                for query in aimed(world, kinds[place % len(kinds)], read[path], place):
                    typed = unquote_plus(query)
                    each.check(world, name, path, each.ask("get", f"{path}?{query}"), but=allowed, typed=typed)
                    asked += 1
        leaks = [leak for each in readers for leak in each.leaks]
        assert "\n".join(leaks + differing) == ""
        print(f"query strings: {asked}, cells: {sum(each.cells for each in readers)}")


def share(strings: Strings, place: int) -> list[tuple[str, str]]:
    """Return the query strings of each page that the reader at this place asks."""
    found = []
    for name, queries in strings.items():
        step = max(1, len(queries) // SHARE)
        found += [(name, query) for query in queries[place % step :: step]]
    return found
