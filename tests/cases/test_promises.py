"""Training 2.1a: what is more than somebody may promise needs the consent that the policy names; worked by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from builders import after, assert_refolds
from cast import Cast
from limited import MEASURES, TRAINING, act, entry, investigated, limits, make_training_cast, phase
from ombud.cases import promises
from ombud.cases.commands import perform
from ombud.cases.errors import Refused
from ombud.cases.fold import folded
from ombud.cases.models import Case
from ombud.organisation import ceiling_gaps, ceiling_tables, changes, rates, standing_in
from ombud.organisation.ceiling_tables import CeilingError
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.standing_in import ALL
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_training_cast()


def propose(case: Case, cast: Cast, who: str, compensation: str, minutes: float = 90, **more: object) -> Case:
    return act(case, "propose", cast, who, minutes, **{**MEASURES, "compensation": compensation, **more})


def facts(case: Case) -> tuple[object, object]:
    found = folded(case).facts
    return found["beyond_powers"], found["beyond_head"]


@pytest.mark.parametrize(
    ("compensation", "beyond", "lands"),
    [
        ("500 CNY", (False, False), "communicating"),  # the unit's own 500
        ("500.01 CNY", (True, False), "approving"),
        ("2000 CNY", (True, False), "approving"),  # the head's 2000
        ("2000.01 CNY", (True, True), "approving"),
    ],
)
def test_an_amount_beyond_the_speakers_limit_waits_for_the_consent_that_the_policy_names(
    cast: Cast, compensation: str, beyond: tuple[bool, bool], lands: str
) -> None:
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management"))
    case = propose(investigated(cast), cast, "chang", compensation)
    assert (facts(case), phase(case)) == (beyond, lands)
    if lands == "approving":
        case = act(case, "plan.approve", cast, "ni", 100)
        assert phase(case) == ("approving" if beyond[1] else "communicating"), "more than the head's needs another one"
    if beyond[1]:
        case = act(case, "plan.approve", cast, "gao", 110)
        assert phase(case) == "communicating"
    assert_refolds(case)


def test_what_the_speaker_says_of_themselves_is_never_turned_into_no_and_without_a_table_stands_alone(
    cast: Cast,
) -> None:
    case = propose(investigated(cast), cast, "chang", "99999 CNY", beyond_head=True)
    assert (facts(case), phase(case)) == ((False, False), "communicating"), "no table: as it was before there was any"
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"))
    other = propose(investigated(cast), cast, "chang", "100 CNY", beyond_powers=True)
    assert facts(other) == (True, False)


def test_whoever_gives_the_last_consent_must_be_allowed_the_amount(cast: Cast) -> None:
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management", "8000.00"))
    case = propose(investigated(cast), cast, "chang", "8000.01 CNY")
    case = act(case, "plan.approve", cast, "ni", 100)  # not the last one
    with pytest.raises(Refused) as refused:
        act(case, "plan.approve", cast, "gao", 110)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.clauses) == ("promise", ("2.1a", "4.3"))
    assert refusal.message["en"].startswith("8000.01 CNY is more than you may promise (8000.00 CNY).")
    assert "8000.01 CNY" in refusal.message["zh"]
    assert "promise" not in refusal.message["zh"]
    case = act(case, "plan.reject", cast, "gao", 110, reason="超限额")
    assert phase(case) == "investigating", "to reject is nobody's promise"


def test_a_persons_own_limit_goes_before_their_roles_and_that_in_a_department_before_the_roles(cast: Cast) -> None:
    limits(
        cast,
        entry("unit", "500.00"),
        entry("unit", "800.00", department="boarding"),
        entry(person=cast.hu.pk, amount="50.00"),
        entry(department="complaint_group", amount="20.00"),
        entry("unit_head", "2000.00"),
    )
    table = ceiling_tables.read(CeilingTable.objects.get())
    cases = [
        ("unit", "boarding", cast.chang.pk, "800.00"),
        ("unit", "teaching", cast.chang.pk, "500.00"),
        ("unit", "boarding", cast.hu.pk, "50.00"),
        ("specialist", "complaint_group", cast.fang.pk, "20.00"),
    ]
    for role, place, person, amount in cases:
        found = ceiling_tables.entry_for(table, role, place, person)
        assert found is not None
        assert found.amount == amount
    assert ceiling_tables.entry_for(table, "management", None, cast.gao.pk) is None, "in no line: nothing"
    assert facts(propose(investigated(cast), cast, "chang", "800 CNY")) == (False, False)
    assert facts(propose(investigated(cast), cast, "hu", "50.01 CNY")) == (True, False)


def test_of_several_heads_one_who_may_is_enough_and_another_who_may_not_is_refused(cast: Cast) -> None:
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry(person=cast.ni.pk, amount="900.00"))
    case = propose(investigated(cast), cast, "chang", "1000 CNY")
    assert facts(case) == (True, True), "the only head has a limit of her own"
    assert phase(act(case, "plan.approve", cast, "ni", 100)) == "approving"


def test_a_deputy_promises_no_more_than_whom_they_stand_in_for_nor_than_their_own_name_says(cast: Cast) -> None:
    """Hu stands in for Ni: 2000 is lent, of which an entry for Hu alone leaves 700."""
    from ombud.engine.model import Actor

    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management"))
    standing_in.enter(cast.ni, date(2026, 3, 3), date(2026, 3, 4), {ALL: cast.hu}, by=cast.mo, now=after(0))
    deputy = Actor(person=cast.hu.key, role="unit_head", department="boarding", behalf=cast.ni.key)
    cny = {"currency": "CNY"}

    def within(amount: str) -> bool:
        table = ceiling_tables.read(CeilingTable.objects.filter(verdict="entered").latest("id"))
        found = ceiling_tables.entries_of(table, deputy)
        return ceiling_tables.covers(found, {"amount": amount, **cny}, "CNY", on=date(2026, 3, 3))

    assert [within(each) for each in ("2000", "2000.01")] == [True, False]
    limits(cast, entry("unit_head", "2000.00"), entry(person=cast.hu.pk, amount="700.00"), minutes=-500)
    assert [within(each) for each in ("700", "700.01")] == [True, False]
    limits(cast, entry("unit_head", "2000.00"), entry(person=cast.hu.pk, amount="9000.00"), minutes=-400)
    assert [within(each) for each in ("2000", "2000.01")] == [True, False], "what is lent is not more for who borrows"
    limits(cast, entry("unit_head", "2000.00"), entry(person=cast.ni.pk, amount="10.00"), minutes=-300)
    assert [within(each) for each in ("10", "10.01")] == [True, False], "nor than the absent person's own"


def test_currencies_are_compared_at_the_days_rate_and_what_has_none_is_beyond(cast: Cast) -> None:
    """100 EUR at 7.80 are 780 CNY; 780 CNY at 7.80 are a limit of 100 EUR."""
    rates.enter("EUR", Decimal("7.8"), day=date(2026, 3, 1), source="银行", by=cast.mo, now=after(-700))
    limits(cast, entry("unit", "780.00"), entry("unit_head", "2000.00"), entry("management"))
    assert facts(propose(investigated(cast), cast, "chang", "100 EUR")) == (False, False)
    assert facts(propose(investigated(cast), cast, "chang", "100.01 EUR")) == (True, False)
    assert facts(propose(investigated(cast), cast, "chang", "1 XAF")) == (True, True), "no rate is known"
    limits(cast, entry("unit", "100.00", currency="EUR"), entry("unit_head", "1.00", currency="XAF"), minutes=-500)
    assert facts(propose(investigated(cast), cast, "chang", "780 CNY")) == (False, True)
    assert facts(propose(investigated(cast), cast, "chang", "780.01 CNY")) == (True, True)
    assert facts(propose(investigated(cast), cast, "chang", "100 EUR")) == (False, True), "of its own currency as it is"


def test_a_table_holds_from_its_day_and_from_its_decision_on_and_events_keep_their_answer(cast: Cast) -> None:
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"))
    case = propose(investigated(cast), cast, "chang", "400 CNY")
    limits(cast, entry("unit", "100.00"), entry("unit_head", "2000.00"), minutes=-60, since=date(2026, 3, 4))
    assert facts(propose(investigated(cast), cast, "chang", "400 CNY")) == (False, False), "not before its day"
    limits(cast, entry("unit", "100.00"), entry("unit_head", "2000.00"), minutes=80, since=date(2026, 3, 3))
    assert facts(propose(investigated(cast), cast, "chang", "400 CNY", minutes=90)) == (True, False)
    early = investigated(cast)
    data = {**MEASURES, "compensation": "400 CNY"}
    perform(early, "propose", actor=cast.actor("chang"), at=after(79), now=after(95), data=data)
    assert facts(early) == (False, False), "what happened before the decision is judged by what held then"
    assert facts(case) == (False, False)
    assert_refolds(case)


def test_four_eyes_and_every_change_is_written_down(cast: Cast) -> None:
    now, day = after(0), date(2026, 3, 3)

    def suggest(*entries: ceiling_tables.Entry, who: str = "mo", since: date = day, reason: str = "x") -> CeilingTable:
        return ceiling_tables.propose(
            TRAINING, entries, since=since, reason=reason, by=cast.people[who], today=day, now=now
        )

    unit = entry("unit", "500.00")
    for wrong in (
        lambda: suggest(unit, who="chang"),
        lambda: suggest(),
        lambda: suggest(unit, unit),
        lambda: suggest(unit, since=date(2026, 3, 2)),
        lambda: suggest(unit, reason=" "),
    ):
        with pytest.raises(CeilingError):
            wrong()
    row = suggest(unit)
    with pytest.raises(CeilingError):
        suggest(unit, who="yu")
    for who in ("mo", "chang"):
        with pytest.raises(CeilingError):
            ceiling_tables.approve(row, by=cast.people[who], now=now)
    assert ceiling_tables.in_force(TRAINING, day=day, at=now) is None
    with pytest.raises(CeilingError):
        ceiling_tables.decline(row, because="", by=cast.yu, now=now)
    ceiling_tables.decline(row, because="太高", by=cast.yu, now=now)
    other = suggest(unit)
    ceiling_tables.approve(other, by=cast.yu, now=now)
    with pytest.raises(CeilingError):
        ceiling_tables.decline(other, because="x", by=cast.mo, now=now)
    assert [change.by for change in changes.of(other)] == [cast.mo, cast.yu]
    assert not [each for each in changes.problems() if each.startswith("ceilings")]
    CeilingTable.objects.filter(pk=other.pk).update(entries=[{**row.entries[0], "amount": "50000.00"}])
    assert [each for each in changes.problems() if each.startswith("ceilings")], "whoever goes round it is found"


def test_what_nobody_may_grant_is_found_beforehand(cast: Cast) -> None:
    pack, day = pack_of(TRAINING), date(2026, 3, 3)

    def found(*entries: ceiling_tables.Entry) -> list[tuple[str, str, Decimal, Decimal | None]]:
        return [(gap.speaker, gap.consent, gap.above, gap.upto) for gap in ceiling_gaps.gaps(pack, entries, {}, on=day)]

    unit, head = entry("unit", "500.00"), entry("unit_head", "2000.00")
    assert found(unit, head, entry("management")) == []
    assert found(unit, head, entry("management", "8000.00")) == [
        ("unit", "management", Decimal(8000), None),
        ("unit_head", "management", Decimal(8000), None),
    ]
    assert found(unit, head) == [
        ("unit", "management", Decimal(2000), None),
        ("unit_head", "management", Decimal(2000), None),
    ]
    assert found(entry("unit", "500.00", department="boarding"), entry("unit_head"), entry("management")) == []
    middle = found(unit, head, entry("management", "1000.00"), entry("unit_head", None, department="boarding"))
    assert middle[0] == ("unit", "management", Decimal(2000), None)


def test_the_panel_is_told_what_somebody_may_promise_and_grant(cast: Cast) -> None:
    limits(cast, entry("unit", "500.00"), entry("unit_head", "2000.00"), entry("management"))
    case = investigated(cast)
    state = folded(case)
    told = promises.bound(state, "propose", actor=cast.actor("chang"), at=after(80))
    assert told is not None
    assert promises.limit_text(told.entries[0])["en"] == "500.00 CNY"
    assert told.consenting == ("unit_head",)
    head = promises.bound(state, "propose", actor=cast.actor("ni"), at=after(80))
    assert head is not None
    assert head.consenting == ("management",), "nobody consents to what they propose"
    assert promises.bound(state, "note", actor=cast.actor("chang"), at=after(80)) is None
    case = propose(case, cast, "chang", "2500 CNY")
    told = promises.bound(folded(case), "plan.approve", actor=cast.actor("ni"), at=after(95))
    assert told is None, "hers is not the last consent"
    case = act(case, "plan.approve", cast, "ni", 100)
    told = promises.bound(folded(case), "plan.approve", actor=cast.actor("gao"), at=after(105))
    assert told is not None
    assert (told.is_within, told.value) == (True, {"amount": "2500.00", "currency": "CNY"})
