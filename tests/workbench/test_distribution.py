"""Managers and administrators choose how what comes in is given out, and hand over what somebody has in one step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from builders import after, assert_refolds, do, make_case, make_history, shipped_pack
from cast import POLICY, Cast
from ombud.cases.access.recusal import recuse
from ombud.cases.models import Case, Event
from ombud.clock.distribution import distribute
from ombud.organisation import standing_in
from ombud.organisation.models import ADMINISTRATOR, Membership
from ombud.organisation.publishing import publish
from ombud.organisation.standing_in import ALL
from ombud.policy.distribution import takers

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
PAGE = "/desk/distribution/"


def ways(**chosen: str) -> dict[str, str]:
    """Return the form of the policy with these roles given out, the others taken."""
    roles = takers(shipped_pack())
    return {"policy": POLICY, **{f"{POLICY}-{role}": chosen.get(role, "taken") for role in roles}}


def test_managers_choose_a_way_and_see_what_found_nobody_and_why(cast: Cast, sign_in: Browser) -> None:
    for who in ("lin", "ai"):
        assert sign_in(who).post(PAGE, ways(agent="by_load")).status_code == 403
    assert sign_in("lin").get(PAGE).status_code == 403
    assert "disabled" in sign_in("ai").get(PAGE).content.decode()
    mo = sign_in("mo")
    assert mo.post(PAGE, ways(agent="lottery")).status_code == 422
    page = mo.post(PAGE, ways(agent="round_robin"), follow=True).content.decode()
    assert "in turn, one after another" in page
    assert "Mo" in page
    standing_in.enter(cast.lin, date(2026, 3, 3), date(2026, 3, 3), {ALL: cast.wei}, by=cast.mo, now=after(0))
    waiting, hidden = (make_case(minutes=each).case for each in (1, 2))
    recuse(hidden, cast.mo, reason="x", now=after(3))
    distribute(now=after(3))
    page = mo.get(PAGE).content.decode()
    assert str(waiting) in page
    assert "Passed over: Lin (away)" in page
    assert str(hidden) not in page
    Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    assert str(waiting) not in sign_in("nobody").get(PAGE).content.decode(), "administrators see no cases"
    taken = make_history(cast, "route")
    distribute(now=after(60))
    assert Case.objects.get(pk=taken.pk).handler is None


def test_a_case_says_to_whom_it_was_given_and_why(cast: Cast, sign_in: Browser) -> None:
    sign_in("mo").post(PAGE, ways(contact="by_load"))
    case = make_history(cast, "route")
    distribute(now=after(50))
    page = sign_in("zhou").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Given to Chen, because: of " in page
    assert "they have the fewest open cases" in page


def test_what_a_leaver_has_is_handed_over_as_shown(cast: Cast, sign_in: Browser) -> None:
    department = Membership.objects.get(person=cast.chen).department
    Membership.objects.create(person=cast.nobody, policy=POLICY, role="contact", department=department)
    first, second, kept = (make_history(cast, "route") for _ in range(3))
    for case in (first, second, kept):
        do(case, "take", cast, "chen", minutes=50)
    recuse(second, cast.nobody, reason="x", now=after(51))
    recuse(kept, cast.mo, reason="x", now=after(51))
    page = reverse("desk_member_hand_over", args=[cast.chen.pk])
    assert sign_in("zhou").get(page).status_code == 403
    assert sign_in("ai").get(page).status_code == 403
    mo = sign_in("mo")
    assert page in mo.get(reverse("desk_member", args=[cast.chen.pk])).content.decode()
    shown = mo.get(page).content.decode()
    assert f'value="{first.pk}:{cast.nobody.pk}"' in shown
    assert f'value="{second.pk}:' not in shown
    assert "kept out of the case" in shown
    assert str(kept) not in shown
    to_zhou = mo.get(page, {"to": cast.zhou.pk}).content.decode()
    assert f'value="{second.pk}:{cast.zhou.pk}"' in to_zhou
    assert "the policy does not let them take it" in mo.get(page, {"to": cast.deng.pk}).content.decode()
    assert mo.get(page, {"to": "x"}).status_code == 422
    give = [f"{first.pk}:{cast.nobody.pk}", f"{second.pk}:{cast.deng.pk}", f"{kept.pk}:{cast.zhou.pk}", "x:1", "9" * 30]
    done = mo.post(page, {"give": give, "reason": "Chen leaves"}, follow=True).content.decode()
    assert "1 case was handed over." in done
    assert "Not all of it could be handed over." in done
    held = {case.pk: Case.objects.get(pk=case.pk).handler for case in (first, second, kept)}
    assert held == {first.pk: cast.nobody, second.pk: cast.chen, kept.pk: cast.chen}
    assert_refolds(first)
    event = Event.objects.get(act="allot")
    assert (event.actor, event.role, event.data["because"]) == (cast.mo.key, "manager", "handed_over")
    told = sign_in("zhou").get(f"/desk/cases/{first.reference}/").content.decode()
    assert "Handed over to Nobody" in told
    assert "Chen leaves" in told


def test_an_administrator_hands_over_without_seeing_the_cases(cast: Cast, sign_in: Browser) -> None:
    Membership.objects.create(person=cast.nobody, role=ADMINISTRATOR)
    case = make_history(cast, "route")
    do(case, "take", cast, "chen", minutes=50)
    page = reverse("desk_member_hand_over", args=[cast.chen.pk])
    admin = sign_in("nobody")
    assert admin.post(reverse("desk_member_leave", args=[cast.chen.pk])).status_code == 302
    shown = admin.get(page, {"to": cast.zhou.pk}).content.decode()
    assert "A case that you do not see" in shown
    assert case.reference not in shown
    admin.post(page, {"give": f"{case.pk}:{cast.zhou.pk}"})
    assert Case.objects.get(pk=case.pk).handler == cast.zhou
    assert "Nothing to hand over" in admin.get(page).content.decode()
    told = sign_in("zhou").get(f"/desk/cases/{case.reference}/").content.decode()
    assert "Administrator" in told


def test_the_plan_asks_the_same_however_many_cases_there_are(cast: Cast, sign_in: Browser) -> None:
    mo, page = sign_in("mo"), reverse("desk_member_hand_over", args=[cast.chen.pk])

    counts = []
    for _ in range(2):
        for case in [make_history(cast, "route") for _ in range(2)]:
            do(case, "take", cast, "chen", minutes=50)
        mo.get(page)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            mo.get(page)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_the_policy_says_itself_stands_above_what_the_house_chooses(cast: Cast, sign_in: Browser) -> None:
    publish(shipped_pack("overseas-customers"), now=after(0))
    page = sign_in("mo").get(PAGE).content.decode()
    assert "A complaint with a language barrier goes to an agent who speaks the language" in page
    assert "whoever of the role comes nearest" in page
    assert "Is there a language barrier" in page
    assert "language_barrier" not in page
    assert page.count("The policy says itself to whom these go.") == 1, "the other policy has no rule"
