"""Daily roots: one hash over all that moved since the root before, and over that root, to keep outside the database.

That is: the chain heads of cases with new events, and new rows that stand beside the events (`records`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils import timezone

from ombud.cases.keeping import records
from ombud.cases.keeping.tree import path, tree_hash
from ombud.cases.models import Case, DailyHead, DailyRecord, DailyRoot, Event, RootStamp


def make_root(*, now: datetime) -> DailyRoot | None:
    """Make today's root; None where it is made already, or where nothing moved since the last."""
    today = timezone.localdate(now)
    with transaction.atomic():
        last = DailyRoot.objects.select_for_update().order_by("-number").first()
        if last is not None and last.made_on >= today:
            return None
        heads = list(
            Case.objects.select_for_update()
            .filter(seq__gt=F("rooted_seq"))
            .order_by("reference")
            .values_list("reference", "seq", "head")
        )
        beside = records.collect()
        if not heads and not beside:
            return None
        number, previous = (last.number + 1, last.root) if last else (1, "")
        tree = tree_hash(written(heads, beside))
        root = DailyRoot.objects.create(
            number=number,
            made_on=today,
            made_at=now,
            count=len(heads),
            previous=previous,
            tree=tree,
            root=_root(number, today, previous, tree),
        )
        DailyHead.objects.bulk_create(
            [DailyHead(root=root, reference=reference, seq=seq, head=head) for reference, seq, head in heads],
            batch_size=1000,
        )
        records.take_in(root, beside)
        # From the heads that were written: a case filed since they were read has none, and waits for the next root.
        seen = DailyHead.objects.filter(root=root)
        at = seen.filter(reference=OuterRef("reference")).values("seq")
        Case.objects.filter(reference__in=seen.values("reference")).update(rooted_seq=Subquery(at))
        return root


Head = tuple[str, int, str]  # reference, last event, hash
Beside = tuple[str, str, str]  # kind, key, hash


def written(heads: Iterable[Head], beside: Iterable[Beside]) -> list[str]:
    """Return the lines that a root covers, in their order."""
    return [json.dumps(line) for line in (*sorted(heads), *sorted(beside))]


def _root(number: int, made_on: date, previous: str, tree: str) -> str:
    return hashlib.sha256(json.dumps([number, str(made_on), previous, tree]).encode()).hexdigest()


def _root_without_tree(number: int, made_on: date, previous: str, lines: Iterable[str]) -> str:
    """Return a root as releases made it that knew no tree: all lines in a row."""
    digest = hashlib.sha256(json.dumps([number, str(made_on), previous]).encode())
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def lines_of(root: DailyRoot) -> list[str]:
    """Return the lines that a root covers, as they are stored beside it."""
    heads = root.heads.values_list("reference", "seq", "head")
    return written(heads, root.records.values_list("kind", "key", "digest"))


def inclusions(reference: str, beside: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Yield {"root", "line", "path"} of each line about a case or about rows beside it (keys by kind).

    The path leads to the root. Roots of before there was a tree are left out.
    """
    wanted: dict[int, list[str]] = {}
    for root, *head in DailyHead.objects.filter(reference=reference).values_list("root", "reference", "seq", "head"):
        wanted.setdefault(root, []).append(json.dumps(head))
    for kind, keys in beside.items():
        seen = DailyRecord.objects.filter(kind=kind, key__in=keys)
        for root, key, hashed in seen.values_list("root", "key", "digest"):
            wanted.setdefault(root, []).append(json.dumps([kind, key, hashed]))
    for row in DailyRoot.objects.filter(pk__in=wanted, tree__isnull=False).order_by("number"):
        lines = lines_of(row)
        places = {line: index for index, line in enumerate(lines)}
        for line in wanted[row.pk]:
            yield {"root": row.number, "line": line, "path": path(lines, places[line])}


def _fits(root: DailyRoot, lines: list[str]) -> bool:
    """Return whether a root is the hash over its lines and the root before."""
    if root.tree is None:
        return root.root == _root_without_tree(root.number, root.made_on, root.previous, lines)
    made = _root(root.number, root.made_on, root.previous, root.tree)
    return (root.tree, root.root) == (tree_hash(lines), made)


def export() -> Iterator[str]:
    """Yield one JSON line per root, oldest first, to keep where nobody who writes to the database can write."""
    for root in DailyRoot.objects.order_by("number").iterator():
        content = {
            "number": root.number,
            "made_on": str(root.made_on),
            "heads": root.count,
            "previous": root.previous,
            "tree": root.tree,
            "root": root.root,
        }
        yield json.dumps(content)


def stamps(reference: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and answer of the authority for the first stamped root over each root that saw a case."""
    seen = DailyRoot.objects.filter(heads__reference=reference).values_list("number", flat=True)
    stamped = dict(
        RootStamp.objects.filter(answer__isnull=False, root__number__gte=min(seen, default=0))
        .order_by("root__number")
        .values_list("root__number", "answer")
    )
    wanted = {next((number for number in stamped if number >= each), 0) for each in seen} - {0}
    for number in sorted(wanted):
        answer = stamped[number]
        assert answer is not None, "asked for those that have one"
        yield number, bytes(answer)


def problems() -> tuple[int, list[str]]:
    """Return how many roots there are and what does not match: a root rewritten or gone, a case cut off or gone."""
    found: list[str] = []
    previous, number = "", 0
    for root in DailyRoot.objects.order_by("number").iterator():
        number += 1
        heads = [(head.reference, head.seq, head.head) for head in root.heads.order_by("reference")]
        beside = root.records.values_list("kind", "key", "digest")
        if (root.number, root.previous) != (number, previous) or not _fits(root, written(heads, beside)):
            found.append(f"daily root {root.number} of {root.made_on} does not match its heads or the root before")
        found.extend(_missing(root, heads))
        previous = root.root
    found.extend(_without_root())
    return number, found


def _without_root() -> Iterator[str]:
    """Name cases that say that a root saw them, which is not there."""
    seen = DailyHead.objects.filter(reference=OuterRef("reference"), seq=OuterRef("rooted_seq"))
    for reference, seq in Case.objects.filter(~Exists(seen), rooted_seq__gt=0).values_list("reference", "rooted_seq"):
        yield f"{reference}: the daily root that saw event {seq} is missing"


def compare(lines: Iterable[str]) -> list[str]:
    """Return where the roots are not those of a copy kept elsewhere, as `export` printed it."""
    found, mine = [], {row.number: row for row in DailyRoot.objects.all()}
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            kept = json.loads(line)
            number, root, made_on = int(kept["number"]), str(kept["root"]), str(kept["made_on"])
        except (ValueError, TypeError, KeyError):
            found.append(f"line {place} of the copy is no daily root")
            continue
        here = mine.get(number)
        if here is None:
            found.append(f"daily root {number} of {made_on} is missing: the copy has it")
        elif (here.root, str(here.made_on)) != (root, made_on):
            found.append(f"daily root {number} of {made_on} is not the one of the copy")
    return found


def _missing(root: DailyRoot, heads: list[tuple[str, int, str]]) -> Iterator[str]:
    for start in range(0, len(heads), 500):
        part = heads[start : start + 500]
        stored = {
            (reference, seq): head
            for reference, seq, head in Event.objects.filter(
                case__reference__in=[reference for reference, _, _ in part], seq__in={seq for _, seq, _ in part}
            ).values_list("case__reference", "seq", "hash")
        }
        for reference, seq, head in part:
            if stored.get((reference, seq)) != head:
                yield f"{reference}: event {seq} is not what the daily root of {root.made_on} saw"
