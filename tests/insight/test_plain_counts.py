"""Performance, causes and courses, recounted from raw events of random histories by none of the code that is tested."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import mean, median_low

import pytest

from cast import POLICY, Cast
from histories import ByHand, make_histories
from ombud.cases.fold import folded
from ombud.cases.models import Case, Duty
from ombud.cases.reading import courses as reading
from ombud.insight import causes, keeping
from ombud.insight.performance import counting
from ombud.insight.scopes import Scope
from ombud.insight.spans import Span
from ombud.organisation import courses
from ombud.organisation.models import Membership, Person
from overseas import POLICY as OVERSEAS
from overseas import make_overseas
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
SPAN = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))


@pytest.fixture
def now(cast: Cast) -> datetime:
    found = make_histories(cast, 24)
    keeping.keep(now=found)
    return found


def number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def handled_by(person: Person) -> list[ByHand]:
    nobody = dict.fromkeys(Case.objects.values_list("pk", flat=True), "")
    keys = {case.pk: folded(case).facts.get("handler") for case in Case.objects.all()}
    return [ByHand(case, nobody) for case in Case.objects.all() if keys[case.pk] == person.key]


def test_each_persons_record_is_what_the_raw_events_say(cast: Cast, now: datetime) -> None:
    scope = Scope(reader=None, policy=POLICY, span=SPAN)
    people = [cast.people[name] for name in ("chen", "lin", "zhou", "deng")]
    compared = Counter[str]()
    for record in counting.records(pack_of(POLICY), people, scope, now):
        mine = handled_by(record.person)
        closed = [each for each in mine if each.closed is not None and each.closed < SPAN.end]
        ended = [each for each in closed if not each.is_withdrawn]
        said = [
            each.facts["satisfaction"] in ("satisfied", "mostly") for each in closed if "satisfaction" in each.facts
        ]
        days = sorted(each.lasted for each in ended)
        held = set(Membership.objects.filter(person=record.person, policy=POLICY).values_list("role", flat=True))
        owed = [
            row
            for row in Duty.objects.filter(policy=POLICY, is_outsiders=False).select_related("case__handler")
            if row.person == record.person
            or (row.person is None and row.case.handler == record.person and row.role in held)
            if SPAN.begin <= row.opened_at < SPAN.end
        ]
        told = [
            row.status == "met"
            for row in owed
            if row.status in ("met", "late")
            or (row.status == "open" and row.due_at is not None and row.due_at < now)
            or (row.status in ("ended", "cancelled") and row.breached_at is not None)
        ]
        expected = {
            "closed": len(closed),
            "first_contact": mean([each.rounds <= 1 for each in ended]) if ended else None,
            "rounds": mean([each.rounds for each in ended]) if ended else None,
            "satisfied": mean(said) if said else None,
            "closing_days": median_low(days) / 86400 if days else None,
            "on_time": mean(told) if told else None,
        }
        shown = {id: number(record.figures[id].value) for id in expected}
        assert shown == {id: pytest.approx(each) for id, each in expected.items()}, record.person
        assert record.figures["on_time"].of == len(told)
        compared.update(id for id, each in expected.items() if each)
    assert not {"closed", "first_contact", "rounds", "satisfied", "closing_days", "on_time"} - compared.keys()


def test_causes_share_the_complaints_as_the_raw_events_say(cast: Cast, now: datetime) -> None:
    nobody = dict.fromkeys(Case.objects.values_list("pk", flat=True), "")
    stated = [ByHand(case, nobody).facts.get("cause") for case in Case.objects.all()]
    tree = pack_of(POLICY).causes.tree
    tops = Counter(tree[each].path[0] for each in stated if each)
    found = causes.pareto(pack_of(POLICY), Scope(reader=None, policy=POLICY, span=SPAN), now)
    assert {line.cause: line.number for line in found.lines} == tops
    assert len(tops) > 1
    assert (found.stated, found.unstated) == (sum(tops.values()), stated.count(None))
    assert [line.share for line in found.lines] == [pytest.approx(line.number / found.stated) for line in found.lines]
    inside = causes.pareto(pack_of(POLICY), Scope(reader=None, policy=POLICY, span=SPAN), now, under="product")
    below = Counter(each for each in stated if each and tree[each].path[0] == "product")
    assert {line.cause: line.number for line in inside.lines} == below


@pytest.mark.parametrize("seed", [2, 3])
def test_courses_stand_as_the_sessions_say(seed: int) -> None:
    chance, today = random.Random(seed), date(2026, 5, 12)
    now = datetime(2026, 5, 12, 4, tzinfo=UTC)
    people = make_overseas()
    Person.objects.update(date_joined=datetime(2025, 6, 1, tzinfo=UTC))
    names = ("anna", "ben", "hans", "zhao")
    there: list[tuple[str, str, date]] = []
    for _session in range(6):
        on, course = today - timedelta(days=chance.randrange(140)), chance.choice(["advanced", "special"])
        who = chance.sample(names, chance.randrange(1, 4))
        row = courses.hold(
            OVERSEAS, course, held_on=on, contents="x", trainer="Lau", minutes=60,
            people=[people.people[each] for each in who], by=people.tao, now=now,
        )  # fmt: skip
        if chance.random() < 0.3:
            courses.cancel(row, reason="x", by=people.mo, now=now)
        else:
            there += [(course, each, on) for each in who]
    begins = {"advanced": (date(2026, 1, 1), date(2026, 4, 1)), "special": (date(2025, 7, 1), date(2026, 1, 1))}
    found = {(each.course.id, each.person.username): each for each in reading.standings(pack_of(OVERSEAS), now=now)}
    assert found.keys() == {(course, name) for course in begins for name in names} - {("advanced", "zhao")}
    for (course, name), each in found.items():
        before, present = begins[course]
        days = [on for held, who, on in there if (held, who) == (course, name)]
        is_done, was_done = any(on >= present for on in days), any(before <= on < present for on in days)
        assert each.status == ("done" if is_done else "owed" if was_done else "missed"), (course, name)
        assert each.last_on == max(days, default=None)
