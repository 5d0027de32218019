"""Foreign money: the day's rate goes into the event; without one nothing fails, and it can be made good."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from builders import assert_refolds
from ombud.cases import money
from ombud.cases.models import Case, Event
from ombud.organisation import rates
from regional import Regional, after, do, facts, file, regional_pack

pytestmark = pytest.mark.django_db


def stored(case: Case, act: str) -> Any:
    return Event.objects.get(case=case, act=act).data


def test_the_days_rate_its_date_and_source_stand_in_the_event(regional: Regional) -> None:
    case = file(loss="1300 EUR")
    assert stored(case, "receive")["loss"] == {
        "amount": "1300.00",
        "currency": "EUR",
        "rate": "8.0512",
        "rate_on": "2026-03-02",
        "rate_source": "ECB",
    }
    assert_refolds(case)


def test_a_loss_is_graded_by_its_worth_in_the_policys_currency(regional: Regional) -> None:
    # On 2 March 2026 one euro was 8.0512 yuan: 1,242 euros are 9,999.59 yuan, 1,243 are 10,007.64.
    below, above = file(loss="1242 EUR"), file(loss={"amount": "1243", "currency": "EUR"})
    assert (below.grades["weight"], above.grades["weight"]) == ("minor", "major")
    assert file(loss="1243 CNY").grades["weight"] == "minor"
    assert_refolds(above)


def test_a_rate_that_was_sent_along_is_dropped(regional: Regional) -> None:
    sent = {"amount": "1300", "currency": "EUR", "rate": "0.01", "rate_on": "2026-03-02", "rate_source": "me"}
    for loss in (sent, "1300 EUR @ 0.01"):
        case = file(loss=loss)
        assert stored(case, "receive")["loss"]["rate"] == "8.0512"
        assert case.grades["weight"] == "major"


def test_money_in_lists_gets_its_rates_too(regional: Regional) -> None:
    case = file(costs=["10 EUR", "5 CNY"])
    assert [each.get("rate") for each in stored(case, "receive")["costs"]] == ["8.0512", None]


def test_an_amount_without_a_known_rate_is_taken_in_and_counts_for_nothing(regional: Regional) -> None:
    case = file(loss="90000000 VND")
    assert stored(case, "receive")["loss"] == {"amount": "90000000.00", "currency": "VND"}
    assert case.grades["weight"] == "minor"
    assert money.lacks_rate(regional_pack(), facts(case)["loss"])
    assert_refolds(case)


def test_a_rate_entered_since_is_picked_up_by_the_next_act_that_takes_the_amount(regional: Regional) -> None:
    case = file(loss="90000000 VND")
    rates.enter("VND", "0.00027", day=date(2026, 3, 1), source="Bank of China", by=regional.mo, now=after(hours=1))
    regraded = do(case, "regrade", "anna", regional, now=after(hours=2), reason="The rate is known now").case
    assert regraded.grades["weight"] == "major"  # 24,300 yuan
    assert facts(case)["loss"]["rate_source"] == "Bank of China"
    assert_refolds(regraded)


def test_a_later_rate_changes_nothing_that_was_recorded(regional: Regional) -> None:
    case = file(loss="1243 EUR")
    rates.enter("EUR", "1", day=date(2026, 3, 1), source="Treasury", by=regional.mo, now=after(hours=1))
    do(case, "regrade", "anna", regional, now=after(hours=2), reason="Looked at again")
    case.refresh_from_db()
    assert case.grades["weight"] == "major"
    assert_refolds(case)


def test_an_amount_said_again_keeps_the_rate_that_it_was_recorded_with(regional: Regional) -> None:
    case = file(loss="1243 EUR", costs=["10 EUR"])
    rates.enter("EUR", "1", day=date(2026, 3, 1), source="Treasury", by=regional.mo, now=after(hours=1))
    again = {"amount": "1243.00", "currency": "EUR"}
    done = do(case, "accept", "anna", regional, now=after(hours=2), loss=again, costs=["10 EUR", "20 EUR"]).case
    assert done.grades["weight"] == "major"
    assert [each["rate"] for each in facts(case)["costs"]] == ["8.0512", "1"]
    done = do(case, "regrade", "anna", regional, now=after(hours=3), loss="1244 EUR", reason="Counted again").case
    assert done.grades["weight"] == "minor"
    assert_refolds(done)


def test_what_is_no_money_is_refused_by_the_policy(regional: Regional) -> None:
    from ombud.cases.errors import Refused

    with pytest.raises(Refused) as refused:
        file(loss="a lot")
    assert [each.field for each in refused.value.refusals] == ["loss"]


def test_the_day_is_the_one_of_the_policys_own_calendar() -> None:
    assert money.day_of(regional_pack(), datetime(2026, 3, 2, 16, 30, tzinfo=UTC)) == date(2026, 3, 3)
