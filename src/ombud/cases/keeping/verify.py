"""Proof: every case refolded and compared with what is stored, every chain and daily root checked.

Others may write meanwhile: each batch is read from one snapshot, and what looks wrong is looked at again in another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from ombud.cases import attachments, contents, eventlog, indexing, projections
from ombud.cases import links as case_links
from ombud.cases.access.confidants import write_confidants
from ombud.cases.fold import folded_rows
from ombud.cases.keeping import daily_roots, records
from ombud.cases.keeping.erasure import ERASURE
from ombud.cases.keeping.snapshot import snapshot
from ombud.cases.models import (
    Attachment,
    Case,
    CaseLink,
    Confidant,
    Duty,
    Event,
    Grade,
    LedgerEntry,
    Recusal,
    Removal,
    WakeUp,
)
from ombud.cases.projections import BEARER_FIELDS, CASE_FIELDS, Projection
from ombud.engine import State
from ombud.engine.ladder import next_wake
from ombud.organisation import changes, proof
from ombud.organisation.staff import Roster
from ombud.policy.event_names import CLOCK_REPAIR, REISSUE
from ombud.policy.vocabulary import CASE, CHANNEL, EVIDENCE, LANGUAGE
from ombud.privacy.keys import PrivacyError, key_of
from ombud.privacy.models import BlindIndex
from ombud.privacy.sealing import Tampered, Vault

BATCH = 500


def verify_all(kept_roots: Iterable[str] = ()) -> dict[str, Any]:
    """Return {"cases", "events", "roots", "ahead": [...], "problems": [...]}; an empty list of problems is the proof.

    `kept_roots` are the lines of a copy of the daily roots that was kept elsewhere. `ahead` names the events that lie
    ahead of this machine's clock: all of it may match, and yet either they or the clock are wrong.
    """
    problems: list[str] = []
    ahead: list[str] = []
    cases = events = 0
    rosters: dict[str, Roster] = {}
    for case, stored in _in_batches():
        cases += 1
        events += len(stored.rows)
        ahead += [f"{case.reference}: {each}" for each in _ahead(stored.rows, timezone.now())]
        roster = rosters.setdefault(case.policy, Roster(case.policy))
        if problems_of(case, stored, roster):
            problems.extend(f"{case.reference}: {each}" for each in _again(case.pk))
    if indexing.is_behind():
        problems.append("the search index lacks cases")
    with snapshot():
        problems += [*proof.problems(), *changes.problems(), *records.problems()]
        count, wrong = daily_roots.problems()
        problems += [*wrong, *daily_roots.compare(kept_roots)]
    return {"cases": cases, "events": events, "roots": count, "ahead": ahead, "problems": problems}


def _ahead(rows: Iterable[Event], now: datetime) -> Iterator[str]:
    """Name the events that were recorded later than it is: the clock was set back since, or ran ahead then.

    What lies before a repair of the clock is known.
    """
    rows = list(rows)
    known = max((row.seq for row in rows if row.act == CLOCK_REPAIR), default=0)
    for row in rows[known:]:
        if row.recorded_at > now:
            by = timedelta(seconds=int((row.recorded_at - now).total_seconds()))
            yield f"event {row.seq} of {row.recorded_at.isoformat()} lies {by} ahead of this machine's clock"


def _again(case_id: int) -> list[str]:
    """Look at a case once more: its roles may have changed, or a file gone with its key, while it was looked at."""
    with snapshot():
        case = Case.objects.select_related("complainant").get(pk=case_id)
        stored = _stored([case])[case_id]
        return problems_of(case, stored)


@dataclass(kw_only=True, slots=True)
class Stored:
    """What the database holds of one case."""

    rows: list[Event] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    grades: dict[str, str] = field(default_factory=dict)
    wake_at: int | None = None
    files: dict[str, Attachment] = field(default_factory=dict)
    links: list[CaseLink] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    matters: set[tuple[int, str]] = field(default_factory=set)  # (event, procedure) of the cases that it opened
    recused: set[int] = field(default_factory=set)
    confidants: set[int] = field(default_factory=set)
    removals: set[str] = field(default_factory=set)  # kinds


def problems_of(case: Case, stored: Stored | None = None, roster: Roster | None = None) -> list[str]:
    """Return what does not match between a case's events and what is stored of it."""
    stored = stored or _stored([case])[case.pk]
    rows = stored.rows
    if not rows:
        return ["has no events"]
    broken = eventlog.broken_at(rows, case.reference)
    if broken is not None:
        return [f"chain broken at event {broken}"]
    if (case.seq, case.head) != (rows[-1].seq, rows[-1].hash):
        return [f"cut off: the row says event {case.seq}, the log ends at {rows[-1].seq}"]
    try:
        state = folded_rows(case, rows, None)
    except Exception as error:  # whatever it is, it is a finding about this case and the others still count
        return [f"cannot be folded: {error!r}"]
    projection = projections.project(case, state, roster or Roster(case.policy))
    # Whose these are hangs on who is there today, not on events.
    stages = frozenset(
        id for id, plan in state.program.duties.items() if plan.stage is not None or state.keeps_anybody_out
    )
    return [
        *_case_problems(case, projection),
        *_row_problems(case, rows),
        *_code_problems(case, rows),
        *_duty_problems(stored, projection, stages),
        *_grade_problems(case, stored),
        *_wake_problems(stored, state),
        *_opening_problems(case, stored),
        *case_links.problems(case, rows, links=stored.links, entries=stored.entries, matters=stored.matters),
        *_recusal_problems(stored, projection),
        *_confidant_problems(stored, projection),
    ]


def _case_problems(case: Case, projection: Projection) -> Iterator[str]:
    for name in CASE_FIELDS:
        if getattr(case, name) != projection.case[name]:
            yield f"{name} is {getattr(case, name)!r}, its events say {projection.case[name]!r}"


def _differences(old: Duty, row: Duty, stages: frozenset[str]) -> list[str]:
    """Return the fields that differ; whose stage of an approval it is hangs on who is there today, not on events."""
    found = projections.differences(old, row)
    if old.waits is None and "waits" in found:  # written by a release that did not know it
        found.remove("waits")
    return [name for name in found if row.duty not in stages or name not in BEARER_FIELDS]


def _duty_problems(stored: Stored, projection: Projection, stages: frozenset[str]) -> Iterator[str]:
    known = {(row.duty, row.instance): row for row in stored.duties}
    for row in projection.duties:
        old = known.pop((row.duty, row.instance), None)
        if old is None:
            yield f"duty {row.duty}#{row.instance} is missing"
        elif wrong := _differences(old, row, stages):
            said = ", ".join(f"{name} {getattr(old, name)!r} for {getattr(row, name)!r}" for name in wrong)
            yield f"duty {row.duty}#{row.instance}: {said}"
    for duty, instance in known:
        yield f"duty {duty}#{instance} is stored, its events know none"


def _grade_problems(case: Case, stored: Stored) -> Iterator[str]:
    if stored.grades != {name: str(value) for name, value in case.grades.items()}:
        yield f"grade rows are {stored.grades}"


def _wake_problems(stored: Stored, state: State) -> Iterator[str]:
    if stored.wake_at != next_wake(state):
        yield f"wakes up at {stored.wake_at}, its events say {next_wake(state)}"


def _recusal_problems(stored: Stored, projection: Projection) -> Iterator[str]:
    """Name who an act took out of the case and who sees it all the same; others are taken out by hand."""
    if missing := projection.recused.keys() - stored.recused:
        yield f"people who were taken out still see it: {sorted(missing)}"


def _confidant_problems(stored: Stored, projection: Projection) -> Iterator[str]:
    if stored.confidants != projection.confidants:
        yield f"its list names {sorted(stored.confidants)}, its events say {sorted(projection.confidants)}"


def _opening_problems(case: Case, stored: Stored) -> Iterator[str]:
    """Open every sealed value (none after erasure), and find every file that the events name."""
    try:
        vault = Vault(key_of(case.complainant), case.reference)
        for row in stored.rows:
            eventlog.decode(row, vault)
    except PrivacyError as error:
        yield str(error)
    named = {each["id"]: each for row in stored.rows for each in eventlog.stored_files(row)}
    if missing := named.keys() - stored.files.keys():
        yield f"files are missing: {', '.join(sorted(missing))}"
    is_erased = bool(stored.removals & {CASE, ERASURE})
    if case.complainant is not None and case.complainant.wrapped_key is None and not is_erased:
        yield "the complainant's key is gone, and no removal says why"
    for key, file in stored.files.items():
        yield from _file_problems(file, named.get(key))
        if file.content_id is None and not is_erased and EVIDENCE not in stored.removals:
            yield f"file {key} is gone, and no removal says why"


def _file_problems(row: Attachment, said: dict[str, Any] | None) -> Iterator[str]:
    """Compare a file with what the event says of it, its content included; that is gone after erasure."""
    if said is None:
        yield f"file {row.pk} is stored, its events know none"
    elif attachments.described(row) != said:
        yield f"file {row.pk} is {attachments.described(row)}, its event says {said}"
    elif row.content is not None:
        try:
            with contents.opened(row.content) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any file does
        except Tampered:
            yield f"file {row.pk} was changed: its seal is broken"
        except OSError as error:
            yield f"file {row.pk} cannot be read: {type(error).__name__}"
        else:
            if digest != row.sha256:
                yield f"file {row.pk} was changed: its SHA-256 is {digest}"


def _row_problems(case: Case, rows: list[Event]) -> Iterator[str]:
    """Compare what the case row takes over from its first event and, sealed, for lists."""
    if int(case.received_at.timestamp()) != rows[0].occurred:
        yield f"received_at is {case.received_at}, its first event says {rows[0].occurred_at}"
    fresh = Case(summary={})
    if case.complainant is None or case.complainant.erased_at is None:
        projections.summarise(fresh, rows)
    for name in (CHANNEL, LANGUAGE):
        said = rows[0].data.get(name)
        if said is not None and getattr(case, name) != said:
            yield f"{name} is {getattr(case, name)!r}, its first event says {said!r}"
    if case.summary != fresh.summary:
        yield "the summary for lists is not what its events say"


def _code_problems(case: Case, rows: list[Event]) -> Iterator[str]:
    """Compare the tracking code with the one that was issued last, where it was issued anew."""
    issued = next((row for row in reversed(rows) if row.act == REISSUE), None)
    if issued is not None and issued.data.get("code") != case.secret:
        yield f"the tracking code is not the one that event {issued.seq} issued"


def rebuild_all() -> int:
    """Derive the projections of every case from its events and return how many there are."""
    number = 0
    BlindIndex.objects.all().delete()  # what older releases wrote finds nobody any more
    for pk in Case.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH):
        rebuild(pk)
        number += 1
    return number


def rebuild(case_id: int) -> None:
    """Derive one case's projections, who may see it included, from its events."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).select_related("complainant").get(pk=case_id)
        rows = eventlog.rows_of(case)
        vault = Vault(key_of(case.complainant), case.reference)
        state = folded_rows(case, rows, vault)
        roster = Roster(case.policy)
        projection = projections.project(case, state, roster)
        projection.viewers |= projections.viewers_of_actors(case.policy, rows)
        projections.apply(case, projection)
        case.summary = {}
        if not vault.is_erased:
            projections.summarise(case, rows)
        case.seq, case.head = rows[-1].seq, rows[-1].hash
        case.save(update_fields=[*projections.CASE_COLUMNS, "summary", "seq", "head"])
        Grade.objects.filter(case=case).delete()
        gone = {(row.duty, row.instance) for row in projection.duties}
        for old in Duty.objects.filter(case=case):
            if (old.duty, old.instance) not in gone:
                old.delete()
        indexing.index(case, rows, vault, state)
        projections.write_changed(case, projection)
        write_confidants(case, projection.confidants)
        case_links.rebuild(case, rows, vault)


def _in_batches() -> Iterator[tuple[Case, Stored]]:
    """Yield every case with what is stored of it; eleven queries a batch."""
    last = 0
    while True:
        with snapshot():
            cases = list(Case.objects.filter(pk__gt=last).select_related("complainant").order_by("pk")[:BATCH])
            found = _stored(cases)
        if not cases:
            return
        last = cases[-1].pk
        for case in cases:
            yield case, found[case.pk]


def _stored(cases: list[Case]) -> dict[int, Stored]:
    found = {case.pk: Stored() for case in cases}
    for row in Event.objects.filter(case__in=cases).order_by("case", "seq"):
        found[row.case_id].rows.append(row)
    for duty in Duty.objects.filter(case__in=cases):
        found[duty.case_id].duties.append(duty)
    for pk, name, value in Grade.objects.filter(case__in=cases).values_list("case", "name", "value"):
        found[pk].grades[name] = value
    for pk, at in WakeUp.objects.filter(case__in=cases).values_list("case", "at"):
        found[pk].wake_at = at
    for link in CaseLink.objects.filter(member__in=cases):
        found[link.member_id].links.append(link)
    for entry in LedgerEntry.objects.filter(case__in=cases):
        found[entry.case_id].entries.append(entry)
    opened = Case.objects.filter(parent__in=cases).values_list("parent", "parent_seq", "procedure")
    for parent, seq, procedure in opened:
        assert parent is not None, "asked for by their parents"
        assert seq is not None, "likewise"
        found[parent].matters.add((seq, procedure))
    for pk, person in Recusal.objects.filter(case__in=cases, lifted_at=None).values_list("case", "person"):
        found[pk].recused.add(person)
    for pk, person in Confidant.objects.filter(case__in=cases).values_list("case", "person"):
        found[pk].confidants.add(person)
    by_reference = {case.reference: found[case.pk] for case in cases}
    for reference, kind in Removal.objects.filter(reference__in=by_reference).values_list("reference", "kind"):
        by_reference[reference].removals.add(kind)
    for file in Attachment.objects.filter(case__in=cases).select_related("content"):
        if file.case_id is not None:
            found[file.case_id].files[str(file.pk)] = file
    return found
