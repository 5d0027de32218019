"""The rota on its pages: whoever answers for it plans it, who works under the policy sees it; and who is who."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from builders import COMPLAINT, after, make_case
from cast import POLICY, Cast
from ombud.channels.intake import receive
from ombud.organisation import changes, standing_in
from ombud.organisation.competences import Competence
from ombud.organisation.models import ADMINISTRATOR, Membership
from ombud.organisation.rotas import Rota, Shift, ShiftDay, ShiftPattern
from ombud.organisation.standing_in import ALL

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
PAGE = "/desk/rota/"
THURSDAY = "2026-03-05"


def planned(cast: Cast, mo: Client) -> tuple[Rota, Shift]:
    """Return a rota with one shift, Lin's on every day, as a manager plans it."""
    mo.post(f"{PAGE}new/", {"policy": POLICY, "name": "Hotline", "channels": ["web"], "a_week": "2026-03-02"})
    row = Rota.objects.get()
    said = {"what": "shift", "name": "Day", "starts": "09:00", "ends": "18:00", "weekdays": list("0123456")}
    mo.post(reverse("desk_rota_plan", args=[row.pk]), {**said, "places": 1, "first_day": "2026-03-01"})
    shift = Shift.objects.get()
    people = {f"w0_{day}_0": cast.lin.pk for day in range(7)}
    mo.post(reverse("desk_rota_pattern", args=[shift.pk]), {"first_day": "2026-03-03", **people})
    return row, shift


def test_who_answers_for_a_rota_plans_it_others_read(cast: Cast, sign_in: Browser) -> None:
    mo = sign_in("mo")
    assert "No rota yet" in mo.get(PAGE).content.decode()
    row, shift = planned(cast, mo)
    assert (row.channels, shift.weekdays, ShiftPattern.objects.get().first_day) == (
        ["web"],
        [0, 1, 2, 3, 4, 5, 6],
        date(2026, 3, 2),
    )
    assert list(changes.problems()) == []
    plan, day = reverse("desk_rota_plan", args=[row.pk]), reverse("desk_rota_day", args=[shift.pk, THURSDAY])
    for who, status in (("mo", 200), ("wei", 200), ("lin", 403), ("ai", 403)):
        assert [sign_in(who).get(each).status_code for each in (plan, day)] == [status, status], who
    for who in ("lin", "ai", "chen"):
        page = sign_in(who).get(PAGE).content.decode()
        assert "Hotline" in page, who
        assert "Shifts and patterns" not in page, who
    assert sign_in("lin").get(f"{PAGE}new/").status_code == 403
    assert "My next shifts" in sign_in("lin").get(PAGE).content.decode()
    assert sign_in("nobody").get(PAGE).status_code == 403
    assert sign_in("nobody").get(reverse("desk_shift", args=[shift.pk, THURSDAY])).status_code == 404


def test_a_day_is_changed_exchanged_given_back_and_undone(cast: Cast, sign_in: Browser) -> None:
    mo = sign_in("mo")
    row, shift = planned(cast, mo)
    day = reverse("desk_rota_day", args=[shift.pk, THURSDAY])
    assert mo.post(day, {"what": "day", "p0": "no"}).status_code == 422
    mo.post(day, {"what": "day", "p0": cast.wei.pk})
    assert ShiftDay.objects.get().people == [cast.wei.pk]
    page = mo.get(f"{PAGE}?week={THURSDAY}").content.decode()
    assert "changed for this day" in page
    other = f"{shift.pk}:2026-03-06:{cast.lin.pk}"
    assert mo.post(day, {"what": "swap", "mine": cast.wei.pk, "other": other}).status_code == 302
    assert [each.people for each in ShiftDay.objects.order_by("day")] == [[cast.lin.pk], [cast.wei.pk]]
    mo.post(day, {"what": "usual"})
    assert [each.day for each in ShiftDay.objects.all()] == [date(2026, 3, 6)]
    page = mo.get(reverse("desk_rota_plan", args=[row.pk])).content.decode()
    assert "as the pattern has it" in page
    newest = page.index("/undo/")
    undo = page[page.rindex('"', 0, newest) + 1 : page.index('"', newest)]
    assert "Undone." in mo.post(undo, follow=True).content.decode()
    assert ShiftDay.objects.count() == 2
    assert "cannot be undone" in mo.post(undo, follow=True).content.decode()
    assert list(changes.problems()) == []


def test_whoever_is_away_is_struck_out_warned_of_and_refused(cast: Cast, sign_in: Browser) -> None:
    mo = sign_in("mo")
    _row, shift = planned(cast, mo)
    for who, deputy in ((cast.lin, cast.wei), (cast.chen, cast.wei)):
        standing_in.enter(who, date(2026, 3, 5), date(2026, 3, 5), {ALL: deputy}, by=cast.mo, now=after(0))
    page = mo.get(f"{PAGE}?week={THURSDAY}").content.decode()
    assert "<s><bdi>Lin</bdi></s>" in page
    assert "A shift of this week lacks people" in page
    day = reverse("desk_rota_day", args=[shift.pk, THURSDAY])
    refused = mo.post(day, {"what": "day", "p0": cast.chen.pk})
    assert refused.status_code == 422
    assert "Chen is away then." in refused.content.decode()


def test_a_week_is_copied_and_what_is_over_is_not(cast: Cast, sign_in: Browser) -> None:
    mo = sign_in("mo")
    row, shift = planned(cast, mo)
    mo.post(reverse("desk_rota_day", args=[shift.pk, THURSDAY]), {"what": "day", "p0": cast.wei.pk})
    copy = reverse("desk_rota_copy", args=[row.pk])
    assert (
        "1 shift was planned as a week before." in mo.post(copy, {"week": "2026-03-09"}, follow=True).content.decode()
    )
    assert ShiftDay.objects.get(day="2026-03-12").people == [cast.wei.pk]
    assert "This week is over." in mo.post(copy, {"week": "2026-02-16"}, follow=True).content.decode()
    assert mo.post(copy, {"week": "x"}).status_code == 404


def test_case_and_board_say_who_is_on(cast: Cast, sign_in: Browser) -> None:
    planned(cast, sign_in("mo"))
    case = make_case(minutes=1).case
    now = after(1)
    other = receive(
        POLICY, channel="hotline", language="zh", data=COMPLAINT, actor=cast.actor("lin"), at=now, now=now
    ).case
    wei = sign_in("wei")
    assert "On shift now" in wei.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "On shift now" not in wei.get(f"/desk/cases/{other.reference}/").content.decode()
    assert "On shift now" in wei.get(f"/desk/board/?policy={POLICY}").content.decode()


def test_the_week_asks_the_same_however_many_shifts_there_are(cast: Cast, sign_in: Browser) -> None:
    mo, counts = sign_in("mo"), []
    row, _shift = planned(cast, mo)
    for name in ("Late", "Night"):
        said = {"what": "shift", "name": name, "starts": "18:00", "ends": "23:00", "weekdays": list("0123456")}
        mo.post(reverse("desk_rota_plan", args=[row.pk]), {**said, "places": 2, "first_day": "2026-03-01"})
        mo.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            mo.get(PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_languages_and_skills_are_entered_by_administrators_and_kept_as_changes(cast: Cast, sign_in: Browser) -> None:
    row = Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    changes.note([row], by=None, now=after(0))
    knows = reverse("desk_member_knows", args=[cast.lin.pk])
    assert sign_in("mo").post(knows, {"knows-languages": ["en"]}).status_code == 403
    admin = sign_in("nobody")
    page = admin.post(
        knows, {"knows-languages": ["en", "zh"], f"knows-{POLICY}": ["delivery"]}, follow=True
    ).content.decode()
    assert "Knows: English" in page
    assert set(Competence.objects.values_list("kind", "value")) == {
        ("language", "en"),
        ("language", "zh"),
        ("category", "delivery"),
    }
    admin.post(knows, {"knows-languages": ["en"]})
    assert Competence.objects.count() == 1
    admin.post(knows, {"knows-languages": ["klingon"]})
    assert Competence.objects.count() == 1
    member = reverse("desk_member", args=[cast.lin.pk])
    assert '<option value="cs">Czech</option>' in admin.get(member).content.decode()
    admin.post(knows, {"knows-languages": ["en"], "knows-another": "cs"})
    assert set(Competence.objects.values_list("value", flat=True)) == {"en", "cs"}
    assert '<option value="cs">' not in admin.get(member).content.decode(), "it stands among the ticks now"
    assert list(changes.problems()) == []


def test_a_person_s_page_says_what_they_may_do_and_by_which_clause(cast: Cast, sign_in: Browser) -> None:
    page = sign_in("mo").get(reverse("desk_member", args=[cast.lin.pk])).content.decode()
    said = page[page.index("What they may do, and why") :]
    assert "Sees every case of the policy" in said, "Lin is of the service department"
    assert "Register" in said
    assert 'class="clause' in said
    manager = sign_in("ai").get(reverse("desk_member", args=[cast.mo.pk])).content.decode()
    assert "See every case of every policy" in manager
    standing_in.enter(cast.chen, date(2026, 3, 3), date(2026, 3, 3), {ALL: cast.lin}, by=cast.mo, now=after(0))
    page = sign_in("mo").get(reverse("desk_member", args=[cast.lin.pk])).content.decode()
    assert "what they may do for whom they stand in now: Chen" in page


def test_the_chart_shows_departments_roles_and_people_under_their_bosses(cast: Cast, sign_in: Browser) -> None:
    page = sign_in("lin").get("/desk/organisation/").content.decode()
    page = page[page.index('class="chart-units"') :]
    assert page.index("<bdi>Wei</bdi>") < page.index("<bdi>Lin</bdi>"), "who leads comes first"
    assert reverse("desk_member", args=[cast.lin.pk]) not in page
    assert reverse("desk_member", args=[cast.lin.pk]) in sign_in("ai").get("/desk/organisation/").content.decode()
    assert sign_in("nobody").get("/desk/organisation/").status_code == 403
