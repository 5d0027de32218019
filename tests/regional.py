"""The regional policy's people and cases: Anna, Ben and Head Hans in Berlin, Nora in New York, Deng in delivery,
Lau in legal, Dora at headquarters' desk, Gao the management. Monday 2 March 2026, 09:00 in Berlin, is when all begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cast import Cast
from ombud.cases.commands import Performed, perform
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.engine.model import Actor
from ombud.organisation import changes, training
from ombud.organisation.models import AUDITOR, MANAGER, Department, Membership, Office, Person, PolicyVersion
from ombud.organisation.publishing import publish
from ombud.policy import load, load_sources
from ombud.policy.model.pack import Pack

POLICY = "regions"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 09:00 in Berlin, 16:00 in Shanghai, 03:00 in New York
COMPLAINANT = Actor(person="complainant", role="complainant")

#: name -> (role, department, office)
STAFF = {
    "anna": ("agent", None, "europe"),
    "ben": ("agent", None, "europe"),
    "hans": ("head", None, "europe"),
    "nora": ("agent", None, "america"),
    "deng": ("contact", "delivery", None),
    "lau": ("contact", "legal", None),
    "dora": ("desk", "service", None),
    "gao": ("management", None, None),
}


class Regional(Cast):
    """The people, each with the actor that they act as."""

    def actor(self, name: str) -> Actor:
        if name == "complainant":
            return COMPLAINANT
        role, department, office = STAFF[name]
        return Actor(person=self.people[name].key, role=role, department=department, office=office)


def after(**span: float) -> datetime:
    return START + timedelta(**span)


@lru_cache(maxsize=1)
def regional_pack() -> Pack:
    return load(str(Path(__file__).parent / "regions"))


def publish_regions() -> PolicyVersion:
    return publish(regional_pack(), now=datetime(2026, 1, 1, tzinfo=UTC))


def publish_next(*changes: tuple[str, str]) -> PolicyVersion:
    """Publish version 1.1.0, in force from 3 March 2026, with these changes."""
    sources = dict(regional_pack().sources)
    name = next(name for name, text in sources.items() if "id: regions" in text)
    text = sources[name].replace("version: 1.0.0, effective: 2026-01-01", "version: 1.1.0, effective: 2026-03-03")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return publish(load_sources({**sources, name: text}), now=after(hours=1))


def make_regional() -> Regional:
    """Return the staff of the policy, which must be published; all agents but Ben have passed the exam."""
    people = {
        name: Person.objects.create(username=name, name=name.title(), email=f"{name}@example.com")
        for name in (*STAFF, "mo", "ai", "nobody")
    }
    departments = {row.key: row for row in Department.objects.filter(policy=POLICY)}
    offices = {row.key: row for row in Office.objects.all()}
    for name, (role, department, office) in STAFF.items():
        Membership.objects.create(
            person=people[name],
            policy=POLICY,
            role=role,
            department=departments[department] if department else None,
            office=offices[office] if office else None,
        )
    Membership.objects.create(person=people["mo"], role=MANAGER)
    Membership.objects.create(person=people["ai"], role=AUDITOR)
    changes.note(Membership.objects.filter(person__in=people.values()), by=None, now=START)
    for name in ("anna", "nora", "dora"):
        training.record(people[name], POLICY, "handling", passed_on=date(2026, 2, 2), by=people["mo"], now=START)
    return Regional(people)


def file(*, now: datetime = START, office: str | None = None, channel: str = "web", **data: Any) -> Case:
    """Return a complaint filed on the website."""
    given = {"subject": "The report is late", "country": "DE", **data}
    given = {name: value for name, value in given.items() if value is not None}
    return receive(
        POLICY, channel=channel, language="en", data=given, actor=COMPLAINANT, at=now, now=now, office=office
    ).case


def do(case: Case, act: str, who: str, cast: Regional, *, now: datetime, **data: Any) -> Performed:
    """Perform an act, recorded when it happened."""
    return perform(Case.objects.get(pk=case.pk), act, actor=cast.actor(who), at=now, now=now, data=data)


def facts(case: Case) -> Mapping[str, Any]:
    """Return what is known about the case, personal values opened."""
    from ombud.cases.fold import folded
    from ombud.privacy.keys import key_of
    from ombud.privacy.sealing import Vault

    fresh = Case.objects.select_related("complainant").get(pk=case.pk)
    return folded(fresh, Vault(key_of(fresh.complainant), fresh.reference)).facts
