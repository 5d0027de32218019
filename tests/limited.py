"""Training 2.1a: a unit that promises amounts, its head, the management, and who keeps their promise limits."""

from __future__ import annotations

from datetime import date

from builders import after, publish_policy
from cast import COMPLAINANT, Cast, Staff, make_cast
from ombud.cases.commands import perform
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.organisation import ceiling_tables
from ombud.organisation.ceiling_tables import Entry
from ombud.organisation.models import POLICY_OWNER, Membership

TRAINING = "training-service"
#: Fang answers for the complaint group, Chang and Hu run the boarding house under Ni, Gao is the management.
STAFF: Staff = {
    "fang": ("specialist", "complaint_group"),
    "ye": ("team_leader", "complaint_group"),
    "chang": ("unit", "boarding"),
    "hu": ("unit", "boarding"),
    "ni": ("unit_head", "boarding"),
    "gao": ("management", "management"),
}
DAY = date(2026, 3, 3)
MEASURES = {
    "measure": "compensation", "measures": "赔偿", "time_limit": "2026-03-06", "responsible": "王敏",
    "beyond_powers": False,
}  # fmt: skip


def make_training_cast() -> Cast:
    """Return the training policy's staff; Mo, a manager, and Yu, the policy owner, keep the limits."""
    publish_policy(TRAINING)
    cast = make_cast(TRAINING, {**STAFF, "yu": ("specialist", "complaint_group")})
    Membership.objects.filter(person=cast.yu).delete()
    Membership.objects.create(person=cast.yu, role=POLICY_OWNER)
    return cast


def entry(who: str = "", amount: str | None = None, *, department: str = "", person: int | None = None,
          currency: str = "CNY") -> Entry:  # fmt: skip
    return Entry(role=who, department=department, person=person, amount=amount, currency=currency)


def limits(cast: Cast, *entries: Entry, minutes: float = -600, since: date = date(2026, 3, 1)) -> None:
    """Let a table hold that Mo proposes and Yu lets apply."""
    row = ceiling_tables.propose(
        TRAINING, entries, since=since, reason="年度授权", by=cast.mo, today=since, now=after(minutes)
    )
    ceiling_tables.approve(row, by=cast.yu, now=after(minutes))


def act(case: Case, name: str, cast: Cast, who: str, minutes: float, **data: object) -> Case:
    now = after(minutes)
    perform(case, name, actor=cast.actor(who), at=now, now=now, data=data)
    return Case.objects.get(pk=case.pk)


def investigated(cast: Cast) -> Case:
    """Return a valid complaint about the boarding house of which the unit has reported what it found."""
    case = make_case_of_training()
    register = {
        "category": "boarding", "venue": "elsewhere", "incident": "none", "developments": False,
        "standing": "ordinary", "exposure": False, "influence": "calmed",
    }  # fmt: skip
    case = act(case, "register", cast, "fang", 10, **register)
    case = act(case, "judge", cast, "fang", 20, group_view="valid", judgement_reason="宿舍门未锁")
    case = act(case, "route", cast, "fang", 30, report="接待时了解的事实")
    return act(case, "investigate", cast, "chang", 60, unit_view="our_fault", finding_notes="已核对记录")


def make_case_of_training() -> Case:

    now = after(0)
    data = {"subject": "宿舍丢了电脑", "name": "费扬", "phone": "13900030005"}
    return receive(TRAINING, channel="web", language="zh", data=data, actor=COMPLAINANT, at=now, now=now).case


def phase(case: Case) -> str:
    return Case.objects.get(pk=case.pk).phase
