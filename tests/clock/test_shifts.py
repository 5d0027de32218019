"""What comes in during a shift goes to whoever is on it; gaps are told ahead, shifts handed over, deputies told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from builders import COMPLAINT, after, assert_refolds, do, make_case
from cast import COMPLAINANT, POLICY, Cast
from notices.alerts.ways import make_way
from ombud.cases.access.recusal import recuse
from ombud.cases.commands import perform
from ombud.cases.models import Case, Event
from ombud.channels.intake import receive
from ombud.clock.by_rule import give_by_rule
from ombud.clock.distribution import distribute
from ombud.clock.on_shift import give_out
from ombud.clock.shifts import hand_over, left_open, tell_deputies, tell_gaps
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.alerts.wording import compose
from ombud.notices.models import Notice
from ombud.notices.reading import sentence
from ombud.organisation import distributing, knowing, staffing, standing_in
from ombud.organisation.models import Membership, Office, Person
from ombud.organisation.rotas import Rota, Shift
from ombud.organisation.shift_plan import Plan
from ombud.organisation.standing_in import ALL
from overseas import POLICY as OVERSEAS
from overseas import Overseas, make_overseas

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)


def rota(by: Person, policy: str = POLICY, office: Office | None = None, channels: tuple[str, ...] = ()) -> Rota:
    row = Rota(name="Desk", policy=policy, office=office, channels=list(channels), a_week=MONDAY)
    return staffing.keep(row, by=by, now=after(0))


def shift(of: Rota, starts: int, ends: int, *people: Person, by: Person, name: str = "Day") -> Shift:
    """Return a shift of every day that these people have every day."""
    row = Shift(
        rota=of, name=name, starts=time(starts), ends=time(ends), weekdays=list(range(7)), first_day=date(2026, 1, 5)
    )
    staffing.add_shift(row, by=by, now=after(0))
    if people:
        week = [[each.pk for each in people]] * 7
        staffing.set_pattern(row, MONDAY, [week], by=by, now=after(0))
    return row


def handler(case: Case) -> str:
    row = Case.objects.select_related("handler").get(pk=case.pk)
    return row.handler.username if row.handler else ""


def told(kind: str, who: Person) -> list[str]:
    return [sentence(row) for row in Notice.objects.filter(kind=kind, person=who).order_by("pk")]


def came_in(*, now: datetime) -> int:
    """Give out what came in, as a tick does: first by rules of the policy, of which none speaks here."""
    assert give_by_rule(now=now) == 0
    return give_out(now=now)


def colleague(cast: Cast) -> Person:
    """Return Nobody as one more agent beside Lin."""
    department = Membership.objects.get(person=cast.lin, role="agent").department
    Membership.objects.create(person=cast.nobody, policy=POLICY, role="agent", department=department)
    return cast.nobody


def test_whoever_is_on_shift_gets_what_comes_in_and_the_case_says_why(cast: Cast) -> None:
    other = colleague(cast)
    before = make_case(minutes=-24 * 60).case
    row = rota(cast.mo, channels=("web",))
    shift(row, 8, 12, cast.lin, by=cast.mo, name="Early")
    shift(row, 12, 20, other, by=cast.mo, name="Late")
    first, now = make_case(minutes=1).case, after(2)
    by_phone = receive(
        POLICY, channel="hotline", language="zh", data=COMPLAINT, actor=cast.actor("lin"), at=now, now=now
    )
    elsewhere = by_phone.case
    assert give_out(now=after(3)) == 1
    assert give_out(now=after(3)) == 0
    assert [handler(each) for each in (before, first, elsewhere)] == ["", "lin", ""], (
        "what had waited is not poured out"
    )
    event = Event.objects.get(case=first, act="allot")
    assert (event.actor, event.data["because"], event.data["shift"]) == ("system", "on_shift", "Early \u00b7 Desk")
    assert_refolds(first)
    second = make_case(minutes=4 * 60).case  # 13:00
    assert give_out(now=after(4 * 60 + 1)) == 1
    assert handler(second) == "nobody"


def test_where_nobody_is_on_shift_the_role_has_it_and_what_a_gap_left_finds_the_next_shift(cast: Cast) -> None:
    row = rota(cast.mo)
    shift(row, 8, 12, cast.lin, by=cast.mo)
    at_night = make_case(minutes=6 * 60).case  # 15:00
    assert give_out(now=after(6 * 60 + 1)) == 0
    assert give_out(now=after(24 * 60)) == 1  # 09:00 of the next day
    assert handler(at_night) == "lin"
    distributing.choose(POLICY, "agent", "by_load", by=cast.mo, now=after(0))
    given = make_case(minutes=24 * 60 + 6 * 60).case
    assert give_out(now=after(30 * 60 + 1)) == 0
    assert distribute(now=after(30 * 60 + 1)) == 1
    assert handler(given) == "lin", "as before, by the role"


def test_whoever_is_away_or_kept_out_gets_nothing_though_it_is_their_shift(cast: Cast) -> None:
    other = colleague(cast)
    row = rota(cast.mo)
    shift(row, 8, 20, cast.lin, other, by=cast.mo)
    standing_in.enter(cast.lin, date(2026, 3, 3), date(2026, 3, 3), {ALL: cast.wei}, by=cast.mo, now=after(0))
    first, second = (make_case(minutes=each).case for each in (1, 2))
    recuse(second, other, reason="x", now=after(2))
    assert give_out(now=after(3)) == 1
    assert [handler(first), handler(second)] == ["nobody", ""]
    assert told("on-shift", other) == [], "of a case that keeps them out they hear nothing"


def test_several_on_shift_share_by_what_the_case_asks_for_and_the_reason_is_said(cast: Cast, client: Client) -> None:
    other = colleague(cast)
    row = rota(cast.mo)
    shift(row, 8, 20, cast.lin, other, by=cast.mo)
    wanted = {("language", "", "en"), ("category", POLICY, "delivery")}
    assert knowing.keep(other, wanted, wanted, by=cast.mo, now=after(0))
    assert not knowing.keep(other, wanted, wanted, by=cast.mo, now=after(0))
    english, chinese = make_case(minutes=1, language="en").case, make_case(minutes=2).case
    assert give_out(now=after(3)) == 2
    assert [handler(english), handler(chinese)] == ["nobody", "lin"]
    said = Event.objects.get(case=english, act="allot").data
    assert (said["asked_for"], said["met"]) == (["language/en"], ["language/en"])
    assert Event.objects.get(case=chinese, act="allot").data["met"] == []
    client.force_login(cast.wei)
    with time_machine.travel(after(10), tick=False):
        page = client.get(f"/desk/cases/{english.reference}/", headers={"accept-language": "en"}).content.decode()
        lacking = client.get(f"/desk/cases/{chinese.reference}/", headers={"accept-language": "en"}).content.decode()
    assert "on shift (Day \u00b7 Desk); has what it asks for: language English" in page
    assert "asked for, but nobody there has: language Chinese" in lacking


def test_a_role_is_given_out_by_skill_and_falls_back_to_load(cast: Cast) -> None:
    other = colleague(cast)
    distributing.choose(POLICY, "agent", "by_skill", by=cast.mo, now=after(0))
    english = {("language", "", "en")}
    knowing.keep(other, english, english, by=cast.mo, now=after(0))
    cases = [make_case(minutes=each, language="en" if each % 2 else "zh").case for each in (1, 2, 3)]
    assert distribute(now=after(5)) == 3
    assert [handler(each) for each in cases] == ["nobody", "lin", "nobody"]
    knowing.keep(other, set(), english, by=cast.mo, now=after(0))
    free = make_case(minutes=6, language="en").case
    assert distribute(now=after(7)) == 1
    assert handler(free) == "lin", "nobody's languages are known: none is asked for"
    assert "asked_for" not in Event.objects.get(case=free, act="allot").data


def test_a_gap_is_told_ahead_to_whoever_answers_for_it_once_and_again_when_it_opens_again(cast: Cast) -> None:
    row = rota(cast.mo)
    day = shift(row, 8, 20, cast.lin, by=cast.mo)
    assert tell_gaps(now=after(0)) == 0
    standing_in.enter(cast.lin, date(2026, 3, 5), date(2026, 3, 5), {ALL: cast.wei}, by=cast.mo, now=after(0))
    assert tell_gaps(now=after(1)) == 1
    assert tell_gaps(now=after(2)) == 0
    (said,) = told("rota-gap", cast.wei)
    assert said == "Desk: a shift lacks people: Day \u00b7 5 Mar 2026"
    assert told("rota-gap", cast.lin) == []
    staffing.set_day(day, date(2026, 3, 5), [cast.wei.pk], by=cast.mo, now=after(3))
    assert tell_gaps(now=after(4)) == 0
    staffing.set_day(day, date(2026, 3, 5), [], by=cast.mo, now=after(5))
    assert tell_gaps(now=after(6)) == 1
    assert len(told("rota-gap", cast.wei)) == 2


def test_a_shift_that_is_over_is_handed_over_to_the_next_with_what_is_open(cast: Cast) -> None:
    other = colleague(cast)
    row = rota(cast.mo)
    early = shift(row, 8, 12, cast.lin, by=cast.mo, name="Early")
    shift(row, 12, 20, other, by=cast.mo, name="Late")
    cases = [make_case(minutes=each).case for each in (1, 2)]
    give_out(now=after(3))
    do(cases[0], "withdraw", cast, "complainant", minutes=10, data={"reason": "x"})
    assert hand_over(now=after(170)) == 0
    assert hand_over(now=after(181)) == 1
    assert hand_over(now=after(182)) == 0
    assert told("shift-over", other) == [
        "Desk: Lin handed over Early (3 Mar 2026) to you, with a case that is open",
    ]
    slot = next(each for each in Plan([row], date(2026, 3, 3), date(2026, 3, 3)).slots() if each.shift == early)
    assert list(left_open(slot, other)) == [cases[1]]
    client = Client(headers={"accept-language": "en"})
    page = reverse("desk_shift", args=[early.pk, "2026-03-03"])
    with time_machine.travel(after(190), tick=False):
        client.force_login(cast.wei)
        assert client.post(page, {"case": cases[1].pk}).status_code == 403, "whoever is not on next takes nothing over"
        client.force_login(other)
        assert str(cases[1]) in client.get(page).content.decode()
        done = client.post(page, {"case": cases[1].pk}, follow=True).content.decode()
    assert "You took over 1 case." in done
    assert handler(cases[1]) == "nobody"
    assert_refolds(cases[1])


def test_deputies_are_told_when_they_are_named_when_it_begins_and_when_it_is_over(cast: Cast) -> None:
    first, last = date(2026, 3, 5), date(2026, 3, 6)
    row = standing_in.enter(cast.lin, first, last, {ALL: cast.wei}, by=cast.mo, now=after(0))
    assert [tell_deputies(now=after(each)) for each in (1, 2)] == [1, 0]
    during = datetime(2026, 3, 5, 4, tzinfo=UTC)
    assert [tell_deputies(now=during) for _each in range(2)] == [1, 0]
    standing_in.end(row, by=cast.mo, now=during + timedelta(hours=1))
    assert [tell_deputies(now=during + timedelta(hours=2)) for _each in range(2)] == [1, 0]
    assert told("deputy", cast.wei) == [
        "You are to stand in for Lin: 5 Mar 2026 to 6 Mar 2026",
        "You stand in for Lin now: 5 Mar 2026 to 6 Mar 2026",
        "Lin is back before time: you stand in no more (5 Mar 2026 to 6 Mar 2026)",
    ]
    other = standing_in.enter(cast.chen, date(2026, 3, 9), date(2026, 3, 9), {ALL: cast.zhou}, by=cast.mo, now=during)
    tell_deputies(now=during)
    standing_in.end(other, by=cast.mo, now=during)
    tell_deputies(now=during + timedelta(minutes=1))
    assert told("deputy", cast.zhou)[-1] == "Chen is not going to be away: you need not stand in (9 Mar 2026)"
    by_itself = standing_in.enter(
        cast.chen, date(2026, 3, 9), date(2026, 3, 9), {ALL: cast.zhou}, by=cast.mo, now=during
    )
    for hours in (0, 1, 25):
        tell_deputies(now=by_itself.starts_at + timedelta(hours=hours))
    assert told("deputy", cast.zhou)[-1] == "Chen is back: you stand in no more (9 Mar 2026)"


def test_notices_of_no_case_stand_together_and_are_marked_read_by_themselves(cast: Cast) -> None:
    standing_in.enter(cast.lin, date(2026, 3, 5), date(2026, 3, 6), {ALL: cast.wei}, by=cast.mo, now=after(0))
    tell_deputies(now=after(1))
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.wei)
    with time_machine.travel(after(2), tick=False):
        page = client.get("/desk/notices/").content.decode()
        assert "Shifts and standing in" in page
        assert 'href="/desk/absences/"' in page
        assert client.post("/desk/notices/", {"staffing": "1"}).status_code == 302
    assert not Notice.objects.filter(person=cast.wei, kind="deputy", read_at=None).exists()


def test_outside_the_desk_such_a_notice_names_nobody_and_leads_to_its_page(cast: Cast) -> None:
    way, group = make_way(cast.wei, Way.Kind.MAIL), make_way(None, Way.Kind.MAIL, policy=POLICY, role="supervisor")
    standing_in.enter(cast.lin, date(2026, 3, 5), date(2026, 3, 6), {ALL: cast.wei}, by=cast.mo, now=after(0))
    tell_deputies(now=after(1))
    (alert,) = Alert.objects.all()
    assert (alert.way, group.alerts.count()) == (way, 0), "a group is told of cases only"
    said = compose(way, [alert.notice], {})
    assert "You are to stand in for a colleague" in said.title
    assert "Lin" not in said.title + said.body
    assert said.body.endswith("/desk/absences/")


# -- clause 32 of the overseas policy: no zone keeps response and handling waiting

NIGHT = datetime(2026, 3, 4, 19, 0, tzinfo=UTC)  # 20:00 in Berlin, 03:00 in Shanghai
SAID = {
    "country": "DE", "customer_kind": "end_customer", "name": "Atelier Kern", "email": "kern@example.com",
    "subject": "The film was taken down", "object": "Autumn campaign", "occurred_on": "2026-03-01T10:00+08:00",
    "narrative": "Its music has no licence.", "demand": "A licensed version", "loss": "400 EUR",
}  # fmt: skip


@pytest.fixture
def abroad(db: None) -> Overseas:
    with time_machine.travel(NIGHT - timedelta(days=1), tick=False):
        return make_overseas()


def complaint(at: datetime) -> Case:
    return receive(OVERSEAS, channel="web", language="en", data=SAID, actor=COMPLAINANT, at=at, now=at).case


def test_clause_32_at_night_headquarters_answers_for_the_region_and_in_the_morning_the_region_has_it(
    abroad: Overseas,
) -> None:
    europe = Office.objects.get(key="europe")
    client = Client(headers={"accept-language": "en"})

    def page(who: str, path: str) -> str:
        client.force_login(abroad.people[who])
        return client.get(path).content.decode()

    # Hans, who leads the office, plans: days for Anna, nights for Zhao at headquarters. Anna may not plan.
    with time_machine.travel(NIGHT - timedelta(hours=12), tick=False) as clock:
        client.force_login(abroad.mo)
        made = client.post(
            "/desk/rota/new/",
            {"policy": OVERSEAS, "name": "Europe", "office": europe.pk, "channels": ["web"], "a_week": "2026-03-02"},
        )
        row = Rota.objects.get()
        assert made.headers["Location"] == reverse("desk_rota_plan", args=[row.pk])
        client.force_login(abroad.anna)
        assert client.get(reverse("desk_rota_plan", args=[row.pk])).status_code == 403
        client.force_login(abroad.hans)
        for name, starts, ends, who in (("Day", "09:00", "18:00", "anna"), ("Night", "18:00", "09:00", "zhao")):
            said = {"what": "shift", "name": name, "starts": starts, "ends": ends, "weekdays": list("0123456")}
            client.post(reverse("desk_rota_plan", args=[row.pk]), {**said, "places": 1, "first_day": "2026-03-02"})
            each = Shift.objects.get(name=name)
            fields = {f"w0_{day}_0": abroad.people[who].pk for day in range(7) if (name, day) != ("Night", 4)}
            done = client.post(reverse("desk_rota_pattern", args=[each.pk]), {"first_day": "2026-03-02", **fields})
            assert done.status_code == 302
        assert "A shift of this week lacks people" in page("hans", "/desk/rota/")
        tell_gaps(now=NIGHT - timedelta(hours=12))
        assert told("rota-gap", abroad.hans) == ["Europe: a shift lacks people: Night \u00b7 6 Mar 2026"]

        # Night in Berlin: the complaint is Zhao's to answer, who may not take it on; nobody waits for the morning.
        clock.move_to(NIGHT + timedelta(minutes=1))
        case = complaint(NIGHT)
        assert came_in(now=NIGHT + timedelta(minutes=1)) == 0
        assert len(told("on-shift", abroad.zhao)) == 1
        came_in(now=NIGHT + timedelta(minutes=10))
        assert len(told("on-shift", abroad.zhao)) == 1, "once"
        shown = page("zhao", f"/desk/cases/{case.reference}/")
        assert "On shift now" in shown
        assert "Zhao" in page("hans", "/desk/board/?policy=" + OVERSEAS)
        perform(
            case, "acknowledge", actor=abroad.actor("zhao"), at=NIGHT + timedelta(minutes=20),
            now=NIGHT + timedelta(minutes=20), data={"message": "We have it.", "message_language": "en"},
        )  # fmt: skip

        # Morning: the shift is handed over to Anna, and what comes in is hers; last night's, too.
        morning = datetime(2026, 3, 5, 8, 0, 30, tzinfo=UTC)
        clock.move_to(morning)
        assert hand_over(now=morning) >= 1
        assert "Zhao handed over Night" in told("shift-over", abroad.anna)[-1]
        assert came_in(now=morning) == 1
        assert handler(case) == "anna"
        next_ = complaint(morning)
        assert came_in(now=morning + timedelta(minutes=1)) == 1
        assert handler(next_) == "anna"
        assert "on shift (Day \u00b7 Europe)" in page("anna", f"/desk/cases/{next_.reference}/")
