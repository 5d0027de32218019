"""Which ways a notice is told by: its reader's own, and those of groups that the reader belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from ombud.cases.bulk_sql import insert
from ombud.cases.fold import program_of
from ombud.notices.alerts import hours
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.alerts.urgency import urgent
from ombud.notices.alerts.wording import topic_of
from ombud.notices.models import Notice
from ombud.organisation.models import Membership


def tell(notices: Sequence[Notice], *, now: datetime) -> None:
    """Write notices, and ask for the alerts that go out with them; belongs in one transaction. Again changes nothing.

    The only place that writes notices: what is told on the desk and what is told outside it never part.
    """
    insert(notices, ignore_conflicts=True)
    # Of a confidential case that nobody attends to only the desk tells: managers are to know no more than that.
    told = [row for row in notices if row.person_id is not None and row.kind != Notice.Kind.UNATTENDED]
    ways = _ways(told)
    if not ways:
        return
    keys = dict(Notice.objects.filter(dedupe__in=[row.dedupe for row in told]).values_list("dedupe", "pk"))
    places, pressing = _places(told, ways), urgent(told)
    alerts: dict[str, Alert] = {}
    for row in told:
        for way in ways:
            if topic_of(row) in way.topics and _is_for(way, row, places):
                alert = _alert(way, row, keys[row.dedupe], row.dedupe in pressing, now)
                alerts.setdefault(alert.dedupe, alert)
    insert(list(alerts.values()), ignore_conflicts=True)


def wanted(notices: Sequence[Notice]) -> list[Notice]:
    """Return those of which somebody chose to be told outside the desk."""
    ways = _ways(notices)
    places = _places(notices, ways)
    return [row for row in notices if any(topic_of(row) in way.topics and _is_for(way, row, places) for way in ways)]


def _ways(told: Iterable[Notice]) -> list[Way]:
    people = {row.person_id for row in told}
    if not people:
        return []
    asked = Q(person__in=people) | Q(person=None, policy__in=_policies(told))
    return list(Way.objects.filter(asked, is_on=True).select_related("department"))


def _policies(told: Iterable[Notice]) -> set[str]:
    return {row.case.policy for row in told if row.case is not None}


_Place = tuple[str, int | None, int | None]  # role, department, office


def _places(told: Iterable[Notice], ways: Iterable[Way]) -> dict[tuple[int, str], list[_Place]]:
    """Return which roles people hold and where, by person and policy; only where some way is a group's."""
    found: dict[tuple[int, str], list[_Place]] = defaultdict(list)
    if any(way.person_id is None for way in ways):
        people, policies = {row.person_id for row in told}, _policies(told)
        for held in Membership.objects.filter(person__in=people, policy__in=policies):
            found[held.person_id, held.policy].append((held.role, held.department_id, held.office_id))
    return found


def _is_for(way: Way, row: Notice, places: dict[tuple[int, str], list[_Place]]) -> bool:
    if way.person_id is not None:
        return way.person_id == row.person_id
    if row.case is None or way.policy != row.case.policy or row.person_id is None:
        return False
    return any(_fits(way, row, place) for place in places.get((row.person_id, way.policy), ()))


def _fits(way: Way, row: Notice, place: _Place) -> bool:
    role, department, office = place
    assert row.case is not None, "a group is told of cases only"
    if (way.role and way.role != role) or (way.office_id and way.office_id != office):
        return False
    if way.department is None or way.department_id == department:
        return True
    known = program_of(row.case).pack.roles.get(role)  # the department that the pack itself gives a role
    return department is None and known is not None and known.department == way.department.key


def _alert(way: Way, row: Notice, notice: int, is_urgent: bool, now: datetime) -> Alert:
    # A group is told once of what its people are each told.
    about = (
        f"{row.case_id or row.dedupe}/{row.kind}/{row.act}/{row.duty}/{row.instance or ''}/{int(row.at.timestamp())}"
    )
    return Alert(
        way=way,
        notice_id=notice,
        is_urgent=is_urgent,
        made_at=now,
        available_at=hours.when(way, now, is_urgent=is_urgent),
        dedupe=f"{way.pk.hex}/{about}"[:240],
    )
