"""Begins a message that goes out: the one place that says what all of them have in common."""

from __future__ import annotations

from datetime import datetime

from ombud.cases.models import Case
from ombud.correspondence.models import Message
from ombud.privacy.models import Complainant


def of_case(case: Case, state: Message.State, *, to: str, act: str, seq: int | None, now: datetime) -> Message:
    """Return a message of a case to a role outside, not saved: sealed by the complainant's key, seen with the case."""
    assert case.complainant is not None, "nobody outside is written to on a case without a complainant"
    message = of_nobody(case.complainant, state, now=now)
    message.case, message.policy, message.office_id = case, case.policy, case.office_id
    message.to, message.act, message.seq = to, act, seq
    return message


def of_nobody(keeper: Complainant, state: Message.State, *, now: datetime) -> Message:
    """Return a message that is no case's, or not yet, not saved; `keeper` is whose key seals it."""
    return Message(is_out=True, way=Message.Way.MAIL, state=state, keeper=keeper, said_at=now, had_at=now)
