"""Cases with readable histories at fixed dates; Tuesday 3 March 2026, 09:00 in Shanghai, is when everything begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cast import COMPLAINANT, POLICY, Cast
from ombud.cases.commands import Performed, Received, perform
from ombud.cases.keeping.verify import problems_of
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.organisation.models import PolicyVersion
from ombud.organisation.publishing import publish
from ombud.policy.model.pack import Pack
from shipped_packs import pack_of

START = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai

COMPLAINT = {
    "subject": "电水壶漏水",
    "narrative": "三月一日在门店买的电水壶，第一次烧水就漏，店员不给退。The kettle leaks.",
    "name": "王小明",
    "phone": "138 0013 8000",
    "email": "Wang@Example.com",
    "demand": "退款",
}
GRADES = {
    "category": "product_quality",
    "aspect": "function",
    "urgency": "normal",
    "spread": False,
    "routine": True,
    "legal_step": "none",
    "business_affected": False,
}

#: The usual way of a general complaint: (act, who, minutes after START, data).
USUAL: tuple[tuple[str, str, int, Mapping[str, Any]], ...] = (
    ("register", "lin", 30, GRADES),
    ("route", "lin", 40, {}),
    ("accept_work", "chen", 60, {}),
    ("investigate", "chen", 90, {"finding": "substantiated"}),
    ("propose", "chen", 120, {"measures": "换新并致歉", "time_limit": "2026-03-04", "responsible": "王敏"}),
    ("plan.approve", "zhou", 150, {}),
    ("communicate", "lin", 180, {}),
    ("answer", "complainant", 240, {"answer": "accepted"}),
    ("carry_out", "chen", 300, {"result": "已换新"}),
    ("follow_up", "lin", 360, {"follow_up_by": "phone", "satisfaction": "satisfied"}),
)


def after(minutes: float) -> datetime:
    """Return the instant so many minutes after START."""
    return START + timedelta(minutes=minutes)


def shipped_pack(policy: str = POLICY) -> Pack:
    return pack_of(policy)


def publish_policy(policy: str = POLICY) -> PolicyVersion:
    return publish(shipped_pack(policy), now=datetime(2026, 1, 1, tzinfo=UTC))


def make_case(
    *,
    minutes: float = 0,
    channel: str = "web",
    language: str = "zh",
    along: Callable[[Received], None] | None = None,
    **overrides: Any,
) -> Received:
    """Return a complaint filed on the portal; keywords replace fields, None leaves one out."""
    data = {name: value for name, value in {**COMPLAINT, **overrides}.items() if value is not None}
    now = after(minutes)
    return receive(
        POLICY, channel=channel, language=language, data=data, actor=COMPLAINANT, at=now, now=now, along=along
    )


def do(
    case: Case, act: str, cast: Cast, who: str, *, minutes: float, data: Mapping[str, Any] | None = None, **more: Any
) -> Performed:
    """Perform an act so many minutes after START, recorded when it happened."""
    now = after(minutes)
    return perform(case, act, actor=cast.actor(who), at=now, now=now, data=data or {}, **more)


def make_history(cast: Cast, upto: str, **overrides: Any) -> Case:
    """Return a case that went the usual way up to and including an act."""
    case = make_case(**overrides).case
    for act, who, minutes, data in USUAL:
        do(case, act, cast, who, minutes=minutes, data=data)
        if act == upto:
            return Case.objects.get(pk=case.pk)
    raise LookupError(upto)


def assert_refolds(case: Case) -> None:
    """Fail where what is stored of the case is not what its events say."""
    fresh = Case.objects.select_related("complainant").get(pk=case.pk)
    assert problems_of(fresh) == []
