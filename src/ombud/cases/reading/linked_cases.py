"""Ledgers of matters that run beside complaints, and groups of complaints: what their pages list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ombud.cases.access.case_access import Accessed
from ombud.cases.access.permissions import Permissions, permissions_of, scoped
from ombud.cases.fold import program_of
from ombud.cases.models import Case, CaseLink, Event
from ombud.cases.reading import register
from ombud.cases.reading.case import Shown, facts, read_names
from ombud.cases.reading.filters import Filters
from ombud.cases.reading.paging import PAGE, Page, by_id
from ombud.cases.reading.register import CaseLine
from ombud.organisation.models import Person
from ombud.policy.model.values import FieldType
from ombud.policy.procedure import first_act
from ombud.policy.vocabulary import ANSWER, RECTIFICATION


@dataclass(frozen=True, kw_only=True, slots=True)
class MatterLine:
    """One matter: a rectification, an inspection."""

    line: CaseLine  # the case with its phase, what is owed next and by when
    said: tuple[Shown, ...]  # the measure, who is responsible, by when; then how it went
    parent: Case | None  # the case that it came from; None where there is none, or the reader may not see it


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberLine:
    """One case of a group, with its own answer."""

    line: CaseLine
    link: CaseLink  # since when; `refused` says which act of the lead case it could not follow, and why
    answer: Shown | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The group that a case leads or belongs to."""

    lead: Case | None  # None for a reader who may not see it
    is_lead: bool  # the case that was asked for leads it
    # The lead case included, and those that the reader may not see; None for a reader who may not see the lead.
    size: int | None
    members: Page[MemberLine]  # that the reader may see, in the order of joining


def matters(
    reader: Person,
    *,
    now: datetime,
    filters: Filters | None = None,
    sort: str = register.NEWEST,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[MatterLine]:
    """Return the matters of a procedure, rectification unless the filters name another; `sort` as in the register.

    Raises NotOurs for an unknown sort or a cursor that is not ours.
    """
    wanted = filters or Filters()
    wanted = replace(wanted, procedure=wanted.procedure or RECTIFICATION)
    permissions = permissions_of(reader)
    page = register.register(
        reader, now=now, filters=wanted, sort=sort, cursor=cursor, limit=limit, permissions=permissions
    )
    opened = _opened(permissions, [line.case for line in page.rows])
    seen = _seen(permissions, {line.case.parent_id for line in page.rows if line.case.parent_id is not None})
    return Page(
        rows=tuple(
            MatterLine(line=line, said=_said(opened[line.case.pk]), parent=seen.get(line.case.parent_id or 0))
            for line in page.rows
        ),
        after=page.after,
    )


def matters_of(accessed: Accessed, *, now: datetime) -> tuple[MatterLine, ...]:
    """Return the matters that a case has opened, oldest first, as far as the reader may see them."""
    assert accessed.reader is not None, "complainants see no matters of our own"
    permissions = permissions_of(accessed.reader)
    rows = register.whole(scoped(permissions, is_leading=False).filter(parent=accessed.case)).order_by("pk")
    cases = list(rows[:PAGE])
    opened = _opened(permissions, cases)
    return tuple(
        MatterLine(line=register.line(case, permissions, now), said=_said(opened[case.pk]), parent=accessed.case)
        for case in cases
    )


def said_in(permissions: Permissions, cases: Sequence[Case]) -> dict[int, tuple[Shown, ...]]:
    """Return what the acts of each case brought, as the reader may see it; they may see the cases themselves."""
    return {key: _said(accessed) for key, accessed in _opened(permissions, cases).items()}


def group_of(accessed: Accessed, *, now: datetime, cursor: str | None = None, limit: int = PAGE) -> Group | None:
    """Return the group of a case with its members' answers, or None where it has none."""
    assert accessed.reader is not None, "complainants see no other cases"
    link = CaseLink.objects.filter(member=accessed.case, until=None).first()
    lead_id = link.lead_id if link is not None else accessed.case.pk
    permissions = permissions_of(accessed.reader)
    present = CaseLink.objects.filter(lead=lead_id, until=None)
    number = present.count()
    if not number:
        return None
    rows = present.filter(member__in=scoped(permissions, is_leading=False))
    if (last := by_id(cursor)) is not None:
        rows = rows.filter(pk__gt=last)
    links = list(rows.order_by("pk")[: limit + 1])
    shown = links[:limit]
    cases = {case.pk: case for case in register.whole(Case.objects.filter(pk__in=[each.member_id for each in shown]))}
    opened = _opened(permissions, list(cases.values()))
    members = tuple(_member(each, register.line(cases[each.member_id], permissions, now), opened) for each in shown)
    lead = accessed.case if link is None else _seen(permissions, {lead_id}).get(lead_id)
    return Group(
        lead=lead,
        is_lead=link is None,
        size=number + 1 if lead is not None else None,
        members=Page(rows=members, after=str(shown[-1].pk) if len(links) > limit else None),
    )


def _member(link: CaseLink, line: CaseLine, opened: Mapping[int, Accessed]) -> MemberLine:
    accessed = opened[line.case.pk]
    answer = next((each for each in facts(accessed) if each.field == ANSWER), None)
    entry = accessed.state.log.get(ANSWER)
    at = datetime.fromtimestamp(entry.occurred, UTC) if entry is not None else None
    return MemberLine(line=line, link=link, answer=answer, answered_at=at)


def _opened(permissions: Permissions, cases: Sequence[Case]) -> dict[int, Accessed]:
    """Return the cases as the reader may see them, their events read at once."""
    rows: dict[int, list[Event]] = {case.pk: [] for case in cases}
    for row in Event.objects.filter(case__in=cases).order_by("case", "seq"):
        rows[row.case_id].append(row)
    found = {}
    for case in cases:
        accessed = found[case.pk] = Accessed(
            case=case,
            actors=(),
            is_masked=permissions.is_masked(case.policy),
            is_public=False,
            reader=permissions.person,
        )
        accessed.rows, accessed.permissions = rows[case.pk], permissions
    read_names(list(found.values()))
    return found


def _said(accessed: Accessed) -> tuple[Shown, ...]:
    """Return what the acts of the procedure brought, in their order: what it began with first. Files are apart."""
    program = program_of(accessed.case)
    first = first_act(program.procedure)
    acts = sorted(program.procedure.acts.values(), key=lambda act: act.id != first)
    names = dict.fromkeys(name for act in acts for name in (*act.needs, *act.may))
    known = {each.field: each for each in facts(accessed)}
    fields = program.pack.fields
    return tuple(known[name] for name in names if name in known and fields[name].type is not FieldType.FILES)


def _seen(permissions: Permissions, cases: Collection[int]) -> dict[int, Case]:
    if not cases:
        return {}
    found = scoped(permissions, is_leading=False).filter(pk__in=cases)
    return {case.pk: case for case in found}
