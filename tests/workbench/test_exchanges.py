"""Two people exchange shifts between themselves: offered, accepted, confirmed where it is set so; the rota follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from builders import after, make_case
from cast import POLICY, Cast
from ombud.cases.models import Case
from ombud.clock.exchanges import tell_exchanges
from ombud.clock.on_shift import give_out
from ombud.notices.models import Notice
from ombud.notices.reading import sentence
from ombud.organisation import changes, exchanging, staffing, standing_in
from ombud.organisation.models import Membership, Person
from ombud.organisation.rotas import Rota, Shift, ShiftExchange
from ombud.organisation.shift_plan import on_now
from ombud.organisation.staffing import RotaError
from ombud.organisation.standing_in import ALL

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
TONIGHT, TOMORROW = date(2026, 3, 3), date(2026, 3, 4)
AT_NIGHT = after(12 * 60)  # 21:00


@pytest.fixture
def desk(cast: Cast) -> Shift:
    """Nights that Lin and Chen have in turn: Lin tonight, Chen tomorrow."""
    department = Membership.objects.get(person=cast.lin, role="agent").department
    row = Membership.objects.create(person=cast.chen, policy=POLICY, role="agent", department=department)
    changes.note([row], by=None, now=after(0))
    rota = staffing.keep(Rota(name="Nights", policy=POLICY, a_week=date(2026, 3, 2)), by=cast.mo, now=after(0))
    night = Shift(
        rota=rota, name="Night", starts=time(18), ends=time(8), weekdays=list(range(7)), first_day=date(2026, 1, 5)
    )
    staffing.add_shift(night, by=cast.mo, now=after(0))
    week = [[cast.lin.pk] if day % 2 else [cast.chen.pk] for day in range(7)]  # Tuesday is Lin's
    staffing.set_pattern(night, date(2026, 3, 2), [week], by=cast.mo, now=after(0))
    return night


def offer(browser: Client, night: Shift, to: Person) -> ShiftExchange:
    page = reverse("desk_exchange_offer", args=[night.pk, TONIGHT.isoformat()])
    done = browser.post(page, {"other": f"{night.pk}:{TOMORROW}:{to.pk}"}, follow=True)
    assert "Nothing changes before Chen accepts." in done.content.decode()
    return ShiftExchange.objects.get()


def answer(browser: Client, row: ShiftExchange, do: str) -> str:
    return browser.post(reverse("desk_exchange_answer", args=[row.pk]), {"do": do}, follow=True).content.decode()


def on(now: datetime) -> list[str]:
    return [person.username for slot in on_now(POLICY, None, "web", now=now) for person in slot.there]


def told(who: Person, now: datetime) -> list[str]:
    tell_exchanges(now=now)
    assert tell_exchanges(now=now) == 0, "once"
    return [sentence(row) for row in Notice.objects.filter(person=who, kind="shift-exchange").order_by("pk")]


def test_what_is_offered_and_accepted_is_exchanged_and_tonights_person_follows(
    cast: Cast, sign_in: Browser, desk: Shift
) -> None:
    lin, chen = sign_in("lin"), sign_in("chen")
    assert (
        reverse("desk_exchange_offer", args=[desk.pk, TONIGHT.isoformat()]) in lin.get("/desk/rota/").content.decode()
    )
    row = offer(lin, desk, cast.chen)
    assert told(cast.chen, after(220)) == ["Nights: Lin offers you Night \u00b7 3 Mar 2026 for Night \u00b7 4 Mar 2026"]
    assert told(cast.lin, after(220)) == []
    page = chen.get("/desk/").content.decode()
    assert "Lin offers you a shift for one of yours" in page
    assert page.split("Decisions that wait for you", 1)[1].split("</span>", 1)[0].endswith(">1")
    assert on(AT_NIGHT) == ["lin"]
    for who in ("wei", "deng"):
        assert sign_in(who).post(reverse("desk_exchange_answer", args=[row.pk]), {"do": "accept"}).status_code == 403
    assert lin.post(reverse("desk_exchange_answer", args=[row.pk]), {"do": "accept"}).status_code == 403
    assert "Exchanged." in answer(chen, row, "accept")
    assert (on(AT_NIGHT), on(AT_NIGHT + timedelta(days=1))) == (["chen"], ["lin"])
    assert told(cast.lin, after(230)) == [
        "Nights: Night \u00b7 3 Mar 2026 and Night \u00b7 4 Mar 2026 are exchanged (Chen)"
    ]
    case = make_case(minutes=12 * 60).case
    assert give_out(now=AT_NIGHT + timedelta(minutes=1)) == 1
    assert Case.objects.get(pk=case.pk).handler == cast.chen
    assert list(changes.problems()) == []
    ShiftExchange.objects.update(other=cast.wei)
    assert "shift_exchange" in "".join(changes.problems())


def test_where_it_is_set_so_whoever_plans_confirms_and_is_none_of_the_two(
    cast: Cast, sign_in: Browser, desk: Shift
) -> None:
    rota = desk.rota
    rota.confirms_exchanges = True
    staffing.keep(rota, by=cast.mo, now=after(1))
    lin, chen, wei = sign_in("lin"), sign_in("chen"), sign_in("wei")
    row = offer(lin, desk, cast.chen)
    assert "Whoever plans the rota confirms it." in answer(chen, row, "accept")
    assert on(AT_NIGHT) == ["lin"], "nothing changes before"
    (said,) = told(cast.wei, after(220))
    assert said.startswith("Nights: Chen agreed to exchange Night \u00b7 3 Mar 2026 and Night \u00b7 4 Mar 2026;")
    assert 'value="confirm"' in wei.get("/desk/rota/").content.decode()
    assert 'value="confirm"' not in chen.get("/desk/rota/").content.decode()
    with pytest.raises(RotaError, match="own"):
        exchanging.confirm(row, by=cast.lin, now=after(221))
    assert "Exchanged." in answer(wei, row, "confirm")
    assert on(AT_NIGHT) == ["chen"]
    assert "are exchanged (Wei)" in told(cast.chen, after(230))[-1]
    assert "It was decided meanwhile." in answer(chen, row, "decline")
    assert list(changes.problems()) == []


def test_it_is_declined_taken_back_and_refused_where_the_shifts_have_changed(
    cast: Cast, sign_in: Browser, desk: Shift
) -> None:
    lin, chen = sign_in("lin"), sign_in("chen")
    row = offer(lin, desk, cast.chen)
    again = lin.post(
        reverse("desk_exchange_offer", args=[desk.pk, TONIGHT.isoformat()]),
        {"other": f"{desk.pk}:{TOMORROW}:{cast.chen.pk}"},
    )
    assert "You have offered this shift already." in again.content.decode()
    assert "Nothing was exchanged." in answer(chen, row, "decline")
    assert "Chen declined" in told(cast.lin, after(221))[-1]
    ShiftExchange.objects.all().delete()
    row = offer(lin, desk, cast.chen)
    assert "Nothing was exchanged." in answer(lin, row, "withdraw")
    assert "took back" in told(cast.chen, after(222))[-1]
    ShiftExchange.objects.all().delete()
    row = offer(lin, desk, cast.chen)
    staffing.set_day(desk, TOMORROW, [cast.wei.pk], by=cast.mo, now=after(223))
    assert "The shifts have changed since." in answer(chen, row, "accept")
    assert on(AT_NIGHT) == ["lin"]
    staffing.set_day(desk, TOMORROW, None, by=cast.mo, now=after(224))
    standing_in.enter(cast.chen, TONIGHT, TONIGHT, {ALL: cast.wei}, by=cast.mo, now=after(225))
    assert "Chen is away then." in answer(chen, row, "accept")
    assert ShiftExchange.objects.get().state == "proposed"


def test_a_shift_that_has_begun_or_is_anothers_is_not_offered(cast: Cast, sign_in: Browser, desk: Shift) -> None:
    page = reverse("desk_exchange_offer", args=[desk.pk, TONIGHT.isoformat()])
    assert sign_in("chen").get(page).status_code == 404
    assert sign_in("nobody").get(page).status_code in (403, 404)
    slot = exchanging.slot_on(desk, TONIGHT)
    other = exchanging.slot_on(desk, TOMORROW)
    with pytest.raises(RotaError, match="over"):
        exchanging.propose(slot, other, cast.chen, by=cast.lin, now=AT_NIGHT)
