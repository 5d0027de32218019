"""What changed among roles, rates, training and the address book; `ombud verify` compares.

These rows may change, so no root can say what they must be. Each change is written down beside them: a row that is not
as the last one left it was changed by somebody who went round the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import models

from ombud.organisation.absences import Absence, Deputy
from ombud.organisation.ceilings import CeilingTable
from ombud.organisation.competences import Competence
from ombud.organisation.distributions import Distribution
from ombud.organisation.models import (
    Change,
    ExchangeRate,
    House,
    Membership,
    Outsider,
    Person,
    Reach,
    TrainingRecord,
)
from ombud.organisation.rotas import Rota, Shift, ShiftDay, ShiftExchange, ShiftPattern
from ombud.organisation.sessions import Attendance, TrainingSession

Content = dict[str, Any]
_STORED = Decimal("1e-12")  # as exactly as the database keeps a rate
_TRAINING = ("person_id", "policy", "exam", "passed_on", "valid_until", "score", "evidence", "recorded_by_id")
_OUTSIDER = ("role", "names", "country", "office_id", "contact", "email", "phone", "address", "prefix", "is_active")
_SESSION = ("policy", "course", "held_on", "contents", "trainer", "minutes", "recorded_by_id")
_CANCELLED = ("cancelled_at", "cancelled_by_id", "cancelled_because")
_ABSENCE = ("person_id", "first_day", "last_day", "starts_at", "ends_at", "entered_by_id", "ended_by_id")
_CEILINGS = ("policy", "since", "reason", "proposed_by_id", "verdict", "because", "decided_by_id")
_REVOKED = ("revoked_at", "revoked_by_id", "revoked_because")


def _role(row: Membership) -> tuple[str, Content]:
    return f"{row.person_id} {row.policy}/{row.role} {row.department_id or '-'} {row.office_id or '-'}", {}


def _rate(row: ExchangeRate) -> tuple[str, Content]:
    content = {
        "rate": format(row.rate.quantize(_STORED).normalize(), "f"),
        "source": row.source,
        "entered_by": row.entered_by_id,
    }
    return f"{row.currency}/{row.into} {row.day}", content


def _training(row: TrainingRecord) -> tuple[str, Content]:
    values = {name: getattr(row, name) for name in (*_TRAINING, *_REVOKED)}
    return str(row.pk), {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}


def _session(row: TrainingSession) -> tuple[str, Content]:
    values = {name: getattr(row, name) for name in (*_SESSION, *_CANCELLED)}
    return str(row.pk), {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}


def _attendance(row: Attendance) -> tuple[str, Content]:
    return f"{row.session_id} {row.person_id}", {}


def _outsider(row: Outsider) -> tuple[str, Content]:
    return str(row.pk), {name: getattr(row, name) for name in _OUTSIDER}


def _reach(row: Reach) -> tuple[str, Content]:
    return f"{row.policy}/{row.channel}", {"text": row.text, "link": row.link}


def _house(row: House) -> tuple[str, Content]:
    pictures = {
        name: sha256(bytes(getattr(row, name))).hexdigest() if getattr(row, name) else "" for name in ("logo", "seal")
    }
    content = {"names": row.names, "addresses": row.addresses, "notice": row.notice, **pictures}
    return "house", content | ({"colour": row.colour} if row.colour else {})


def _absence(row: Absence) -> tuple[str, Content]:
    values = {name: getattr(row, name) for name in _ABSENCE}
    return str(row.pk), {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}


def _deputy(row: Deputy) -> tuple[str, Content]:
    return f"{row.absence_id} {row.person_id} {row.policy}/{row.role}", {}


def _distribution(row: Distribution) -> tuple[str, Content]:
    return f"{row.policy}/{row.role}", {"way": str(row.way)}


def _ceilings(row: CeilingTable) -> tuple[str, Content]:
    values = {name: getattr(row, name) for name in _CEILINGS}
    told = {name: value if isinstance(value, int | None) else str(value) for name, value in values.items()}
    return str(row.pk), {**told, "entries": row.entries}


def _competence(row: Competence) -> tuple[str, Content]:
    return f"{row.person_id} {row.kind} {row.policy}/{row.value}", {}


def _rota(row: Rota) -> tuple[str, Content]:
    return str(row.pk), {
        "name": row.name,
        "policy": row.policy,
        "office_id": row.office_id,
        "channels": row.channels,
        "a_week": row.a_week.isoformat(),
        "is_active": row.is_active,
        **({"confirms_exchanges": True} if row.confirms_exchanges else {}),
    }


def _shift(row: Shift) -> tuple[str, Content]:
    return str(row.pk), {
        "rota_id": row.rota_id,
        "name": row.name,
        "starts": row.starts.isoformat(),
        "ends": row.ends.isoformat(),
        "weekdays": row.weekdays,
        "places": row.places,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat() if row.last_day else None,
    }


def _shift_pattern(row: ShiftPattern) -> tuple[str, Content]:
    return f"{row.shift_id} {row.first_day}", {"weeks": row.weeks}


def _shift_exchange(row: ShiftExchange) -> tuple[str, Content]:
    own, other = (f"{row.shift_id} {row.day} {row.person_id}", f"{row.for_shift_id} {row.for_day} {row.other_id}")
    return str(row.pk), {"gives": own, "for": other, "state": str(row.state), "decided_by": row.decided_by_id}


def _shift_day(row: ShiftDay) -> tuple[str, Content]:
    return f"{row.shift_id} {row.day}", {"people": row.people}


#: kind -> (its rows, what tells one from another, what it says)
KINDS: Mapping[str, tuple[type[models.Model], Callable[[Any], tuple[str, Content]]]] = {
    "role": (Membership, _role),
    "rate": (ExchangeRate, _rate),
    "training": (TrainingRecord, _training),
    "session": (TrainingSession, _session),
    "attendance": (Attendance, _attendance),
    "outsider": (Outsider, _outsider),
    "reach": (Reach, _reach),
    "house": (House, _house),
    "absence": (Absence, _absence),
    "deputy": (Deputy, _deputy),
    "distribution": (Distribution, _distribution),
    "ceilings": (CeilingTable, _ceilings),
    "competence": (Competence, _competence),
    "rota": (Rota, _rota),
    "shift": (Shift, _shift),
    "shift_pattern": (ShiftPattern, _shift_pattern),
    "shift_day": (ShiftDay, _shift_day),
    "shift_exchange": (ShiftExchange, _shift_exchange),
}
_KIND_OF = {model: kind for kind, (model, _) in KINDS.items()}


def note(
    rows: Iterable[models.Model], *, by: Person | None, now: datetime, is_gone: bool = False, through: str = ""
) -> None:
    """Write down that these rows are as they are from now on, or gone; in the transaction that changes them.

    `through` names the directory where nobody of the organisation did it.
    """
    made = []
    for row in rows:
        kind = _KIND_OF[type(row)]
        key, content = KINDS[kind][1](row)
        made.append(Change(kind=kind, key=key, content=None if is_gone else content, by=by, at=now, through=through))
    Change.objects.bulk_create(made)


def content(row: models.Model) -> Content:
    """Return what a change of a row would say of it."""
    return KINDS[_KIND_OF[type(row)]][1](row)[1]


def of(row: models.Model) -> list[Change]:
    """Return the changes of a row, oldest first, each with who made it."""
    kind = _KIND_OF[type(row)]
    found = Change.objects.filter(kind=kind, key=KINDS[kind][1](row)[0])
    return list(found.select_related("by").order_by("id"))


def problems() -> Iterator[str]:
    """Say which rows are not as their last change left them."""
    for kind, (model, told) in KINDS.items():
        last = dict(Change.objects.filter(kind=kind).order_by("id").values_list("key", "content"))
        for key, content in map(told, model._default_manager.order_by("pk")):
            said = last.pop(key, None)
            if said is None:
                yield f"{kind} {key}: nobody entered it"
            elif said != content:
                wrong = ", ".join(f"{name} {content[name]!r} for {said.get(name)!r}" for name in content)
                yield f"{kind} {key}: is not as it was entered: {wrong}"
        yield from (f"{kind} {key}: is missing" for key, content in last.items() if content is not None)
