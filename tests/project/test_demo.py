"""The demo: its files fit the policies, its people hold every role, and its past can be lived through on any day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Case
from ombud.organisation.publishing import publish
from ombud.policy.model.acts import Act
from ombud.policy.vocabulary import RECEIVE
from ombud.project.demo import POLICIES, hire, live, published_at, read
from ombud.project.demo.steps import HANDLER, steps_of
from ombud.project.demo.stories import age_of, happened
from shipped_packs import pack_of

pytestmark = pytest.mark.slow

each_policy = pytest.mark.parametrize("policy", POLICIES)


def held(policy: str) -> Iterator[tuple[str, str | None]]:
    for person in read("people.yaml"):
        for each in person.get("roles", {}).get(policy, ()):
            role, department, *_office = (each, None) if isinstance(each, str) else (*each, None)
            yield role, department


@each_policy
def test_people_hold_roles_and_departments_of_the_policy_and_every_role_is_held(policy: str) -> None:
    pack = pack_of(policy)
    departments = {department for _role, department in held(policy)} - {None}
    assert departments <= set(pack.departments)
    inner = {role.id for role in pack.roles.values() if not role.is_external}
    assert {role for role, _department in held(policy)} == inner


@each_policy
def test_steps_are_acts_of_the_policy_by_their_roles_with_fields_that_they_take(policy: str) -> None:
    pack, paths = pack_of(policy), read("paths.yaml", policy)
    acts: dict[str, list[Act]] = {}
    for procedure in pack.procedures.values():
        for act in procedure.acts.values():
            acts.setdefault(act.id, []).append(act)
    names = {person["username"] for person in read("people.yaml")}
    for path in paths:
        for step in steps_of(path, paths):
            where = f"{policy} {path} {step.act}"
            assert step.who is None or step.who in names, where
            if "." in step.act:
                continue  # a verdict of a chain
            assert any(step.role in (HANDLER, *act.by) for act in acts[step.act]), where
            assert any({*act.needs, *act.may} >= set(step.data) for act in acts[step.act]), where


@each_policy
def test_every_path_is_gone_and_every_periodic_duty_has_its_ways(policy: str) -> None:
    pack, paths = pack_of(policy), read("paths.yaml", policy)
    complaints, ways = read("complaints.yaml", policy), read("periodic.yaml", policy)
    assert set(ways) == set(pack.periodic)
    used = {complaint["path"] for complaint in complaints}
    used |= {path for each in ways.values() for path in _leaves(each)}
    used |= {matter for path in paths.values() for matter in path.get("matters", ())}
    used |= {path["beyond"] for path in paths.values() if "beyond" in path}
    assert used == set(paths)


def _leaves(ways: Any) -> Iterator[str]:
    """Yield the paths in a duty's ways, which may differ by office."""
    if isinstance(ways, list):
        yield from ways
    else:
        for each in ways.values():
            yield from _leaves(each)


@each_policy
def test_complaints_say_only_what_filing_takes_or_a_path_asks_for(policy: str) -> None:
    pack, paths = pack_of(policy), read("paths.yaml", policy)
    taken = {*pack.main.acts[RECEIVE].needs, *pack.main.acts[RECEIVE].may}
    own = {"id", "path", "age", "occurred", "channel", "language", "by", "office"}
    values = [value for path in paths for step in steps_of(path, paths) for value in step.data.values()]
    asked = {str(value)[1:].split("=")[0] for value in values if str(value)[:1] == "$"}
    for complaint in read("complaints.yaml", policy):
        assert complaint["channel"] in pack.channels
        assert set(complaint) <= own | taken | asked, complaint["subject"]


@each_policy
def test_the_policies_were_in_force_before_the_oldest_complaint(policy: str) -> None:
    now = datetime(2027, 2, 20, 3, tzinfo=UTC)
    oldest = max(age_of(complaint) for complaint in read("complaints.yaml", policy))
    assert published_at(now) < now - timedelta(minutes=oldest)


@each_policy
def test_nobody_complains_of_what_is_still_to_come(policy: str) -> None:
    now = datetime(2026, 10, 4, 19, tzinfo=UTC)
    for complaint in read("complaints.yaml", policy):
        if "occurred" in complaint:
            assert happened(complaint, now) <= now - timedelta(minutes=age_of(complaint)), complaint["subject"]


@pytest.mark.django_db
@pytest.mark.parametrize("now", [datetime(2026, 10, 4, 19, tzinfo=UTC)], ids=["a night of the National Day week"])
def test_a_policy_is_lived_through_and_every_case_refolds(now: datetime, media: object) -> None:
    pack = pack_of("training-service")
    version = publish(pack, now=published_at(now))
    hire([pack.id])
    live(pack, version, now=now)
    found = Counter(Case.objects.values_list("procedure", flat=True))
    assert found == {"complaint": 15, "incentive": 4, "monthly_statistics": 4}  # June to September
    assert verify_all()["problems"] == []
