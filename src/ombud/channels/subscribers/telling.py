"""What a subscriber is told of an event: what is no personal data, and where an allowed token may read the rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from ombud.cases import eventlog
from ombud.cases.fold import program_of
from ombud.cases.models import Duty, Event
from ombud.cases.reading.titles import phase_title
from ombud.channels.models import Delivery
from ombud.channels.subscribers import kinds
from ombud.policy.event_names import RUNG
from ombud.privacy.sealing import is_sealed


def content_of(delivery: Delivery) -> dict[str, Any]:
    """Return what is sent of an event; the same each time but for what was erased since."""
    case, rows = delivery.case, eventlog.rows_of(delivery.case)
    row = next(each for each in rows if each.seq == delivery.seq)
    program, phase = program_of(case), kinds.phase_after(case, rows, delivery.seq)
    withheld = sorted(name for name, value in row.data.items() if is_sealed(value))
    return {
        "type": "event",
        "id": str(delivery.pk),
        "event": delivery.kind,
        "policy": case.policy,
        "procedure": case.procedure,
        "reference": case.reference,
        "seq": row.seq,
        "act": row.act,
        "title": dict(program.title_of(row.act)) if row.act in program.acts else {},
        "occurred_at": row.occurred_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "role": row.role,
        "department": row.department,
        "office": row.office,
        "channel": case.channel,
        "phase": phase,
        "phase_title": dict(phase_title(program, phase)),
        "is_open": kinds.is_open(case, rows, delivery.seq),
        "data": {name: value for name, value in row.data.items() if not is_sealed(value)},
        "withheld": withheld,
        "duty": _duty(delivery, row),
        "link": f"{settings.OMBUD_BASE_URL}/api/v1/cases/{case.reference}",
    }


def _duty(delivery: Delivery, row: Event) -> dict[str, Any] | None:
    """Return the duty that a limit is of; None for all else."""
    if row.act != RUNG:
        return None
    known = Duty.objects.filter(
        case=delivery.case, duty=row.data.get("duty"), instance=row.data.get("instance")
    ).first()
    if known is None:
        return {"id": row.data.get("duty"), "due_at": None, "missed": None}
    is_missed = known.due_at is not None and row.occurred >= int(known.due_at.timestamp())
    return {"id": known.duty, "due_at": known.due_at.isoformat() if known.due_at else None, "missed": is_missed}
