"""Where the policy says to whom a complaint goes the clock gives it to them, before rotas and the house's settings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from builders import assert_refolds
from ombud.cases.access.recusal import recuse
from ombud.cases.models import Case, Event
from ombud.channels.intake import receive
from ombud.clock import tick
from ombud.clock.by_rule import give_by_rule
from ombud.clock.distribution import distribute, ungiven
from ombud.clock.models import Ungiven, Unruled
from ombud.clock.on_shift import give_out
from ombud.organisation import distributing, knowing, staffing, standing_in, training
from ombud.organisation.models import Office, Person
from ombud.organisation.publishing import publish
from ombud.organisation.rotas import Rota, Shift
from ombud.organisation.standing_in import ALL
from ombud.policy import load, load_sources
from overseas import POLICY, Overseas, make_overseas

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)  # 10:00 in Berlin
MINUTE = timedelta(minutes=1)


@pytest.fixture
def abroad() -> Overseas:
    """The overseas policy's people; Ben has passed the exam, too, and speaks Czech."""
    with time_machine.travel(NOW, tick=False):
        abroad = make_overseas()
    training.record(abroad.ben, POLICY, "handling", passed_on=date(2026, 1, 5), by=abroad.mo, now=NOW)
    speaks(abroad, abroad.ben, "cs")
    return abroad


def speaks(abroad: Overseas, person: Person, *languages: str) -> None:
    wanted = {("language", "", each) for each in languages}
    shown = wanted | {("language", "", "cs")}
    knowing.keep(person, wanted, shown, by=abroad.mo, now=NOW)


def complain(minutes: int = 0, *, is_barred: bool = True, language: str = "cs") -> Case:
    said: dict[str, Any] = {"channel": "web", "subject": "Ads came late", "country": "CZ", "language": language}
    at = NOW + minutes * MINUTE
    data = said | {"language_barrier": is_barred, "email": "j@example.org"}
    return receive(POLICY, channel="web", language=language, data=data, at=at, now=at).case


def handler(case: Case) -> str:
    row = Case.objects.select_related("handler").get(pk=case.pk)
    return row.handler.username if row.handler else ""


def test_the_first_rule_that_holds_gives_the_case_to_who_has_what_it_asks_for(abroad: Overseas, client: Client) -> None:
    spoken, other = complain(), complain(language="hu")
    plain = complain(is_barred=False)
    assert give_by_rule(now=NOW + MINUTE) == 2
    assert give_by_rule(now=NOW + MINUTE) == 0
    assert [handler(each) for each in (spoken, other, plain)] == ["ben", "anna", ""], "Hungarian: by load alone"
    event = Event.objects.get(case=spoken, act="allot")
    assert (event.actor, event.data["because"], event.data["rule"]) == ("system", "by_rule", "speakers")
    assert (event.data["clauses"], event.data["met"]) == (["31"], ["language/cs"])
    assert_refolds(spoken)
    assert [row.case_id for row in Unruled.objects.all()] == [plain.pk]
    client.force_login(abroad.hans)
    with time_machine.travel(NOW + 5 * MINUTE, tick=False):
        page = client.get(f"/desk/cases/{spoken.reference}/", headers={"accept-language": "en"}).content.decode()
    said = (
        "because the policy says so: A complaint with a language barrier goes to an agent who speaks the language (31)"
    )
    assert said in page
    assert "has what it asks for: language Czech" in page


def test_what_no_rule_speaks_of_goes_by_the_houses_own_setting_and_only_that(abroad: Overseas) -> None:
    distributing.choose(POLICY, "agent", "round_robin", by=abroad.mo, now=NOW)
    barred, plain = complain(), complain(is_barred=False)
    assert distribute(now=NOW + MINUTE) == 0, "the rules are asked first"
    assert give_by_rule(now=NOW + MINUTE) == 1
    assert distribute(now=NOW + MINUTE) == 1
    assert (handler(barred), handler(plain)) == ("ben", "anna")
    assert tick.tidy(NOW + MINUTE)["cases of no rule of distribution"] == 1
    assert not Unruled.objects.exists()


def test_a_rota_leaves_to_the_rule_what_is_the_rules_and_who_is_on_comes_first(abroad: Overseas) -> None:
    speaks(abroad, abroad.anna, "cs")
    berlin = Office.objects.get(key="europe")
    rota = staffing.keep(
        Rota(name="Berlin", policy=POLICY, office=berlin, channels=[], a_week=date(2026, 3, 2)), by=abroad.mo, now=NOW
    )
    day = Shift(
        rota=rota, name="Day", starts=time(8), ends=time(20), weekdays=list(range(7)), first_day=date(2026, 1, 5)
    )
    staffing.add_shift(day, by=abroad.mo, now=NOW)
    staffing.set_pattern(day, date(2026, 3, 2), [[[abroad.ben.pk]] * 7], by=abroad.mo, now=NOW)
    first, second = complain(), complain(1)
    plain = complain(2, is_barred=False)
    assert give_out(now=NOW + 3 * MINUTE) == 0
    assert give_by_rule(now=NOW + 3 * MINUTE) == 2
    assert (handler(first), handler(second)) == ("ben", "ben"), "Anna, who has none, is not on"
    assert give_out(now=NOW + 3 * MINUTE) == 1
    assert handler(plain) == "ben"


def strict(otherwise: str) -> None:
    """Put a version in force under which nobody but a speaker gets such a case, or people of another role."""
    sources = dict(load(POLICY).sources)
    sources["pack.yaml"] = (
        sources["pack.yaml"].replace("else: anybody", f"else: {otherwise}").replace("version: 1.0.0", "version: 1.1.0")
    )
    sources = {name: text for name, text in sources.items() if not name.startswith("scenarios/")}
    publish(load_sources(sources), now=NOW)


def test_where_nobody_has_it_the_case_stays_with_the_role_and_says_why(abroad: Overseas) -> None:
    strict("nobody")
    distributing.choose(POLICY, "agent", "by_load", by=abroad.mo, now=NOW)
    standing_in.enter(abroad.ben, date(2026, 3, 3), date(2026, 3, 3), {ALL: abroad.hans}, by=abroad.mo, now=NOW)
    case = complain()
    assert [give_by_rule(now=NOW + MINUTE), distribute(now=NOW + MINUTE)] == [0, 0]
    (row,) = ungiven()
    assert (row.case, row.rule, row.passed_over) == (
        case,
        "speakers",
        [[abroad.ben.pk, "away"], [abroad.anna.pk, "unfit"]],
    )
    assert give_by_rule(now=NOW + 2 * MINUTE) == 0, "it is not tried at every tick"
    assert give_by_rule(now=NOW + timedelta(days=1)) == 1
    assert handler(case) == "ben"
    assert not Ungiven.objects.exists()


def test_or_it_goes_to_another_role(abroad: Overseas) -> None:
    strict("hq_lead")
    first, second = complain(language="hu"), complain()
    recuse(second, abroad.ben, reason="x", now=NOW)
    assert give_by_rule(now=NOW + MINUTE) == 2
    assert (handler(first), handler(second)) == ("tao", "tao")
