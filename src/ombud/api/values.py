"""Checks that only a program's input needs: lengths that forms enforce, people and files that exist."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ombud.api import times
from ombud.api.strict import Malformed, error
from ombud.cases.errors import AttachmentRefused
from ombud.cases.models import Attachment, Case
from ombud.organisation.models import Person
from ombud.policy.model import Field, FieldType, Pack
from ombud.policy.values import instant

SHORT, LONG, MANY = 500, 20_000, 100  # the same as the forms' own limits; items of a list
DIGITS = 15
LARGEST = 10**DIGITS
_YEARS = (1900, 2200)
_LENGTHS = {FieldType.TEXT: SHORT, FieldType.LONG_TEXT: LONG, FieldType.PERSON: SHORT, FieldType.LIST: SHORT}
FILLED_IN = ("channel", "language")  # members of their own


def check(pack: Pack, data: Mapping[str, Any], *, owner: str, case: Case | None = None) -> None:
    """Raise Malformed or AttachmentRefused for what the engine would take and the register could not keep."""
    bad = [(name, words) for name in FILLED_IN if name in data for words in [_("There is no such field.")]]
    for name, value in data.items():
        field = pack.fields.get(name)
        if field is not None and name not in FILLED_IN and (words := _problem(pack, field, value)):
            bad.append((name, words))
    if bad:
        raise Malformed([error(("body", "data", name), "value", words) for name, words in bad])
    files = {key for name, value in data.items() for key in _files(pack.fields.get(name), value)}
    if files:
        _check_files(files, owner, case)


def _problem(pack: Pack, field: Field, value: Any) -> str | None:
    """Return what is wrong with a value, or None: what else there may be the engine says, with its clauses."""
    if value is None:
        return None
    if isinstance(value, list):
        if len(value) > MANY:
            return _("It may have at most {limit} items.").format(limit=MANY)
        if field.item is FieldType.MONEY:
            return next((_("The number is too large.") for each in value if _is_too_much(each)), None)
        if not all(isinstance(each, str | int) for each in value):
            return _("A list of words is needed.")
        return next((words for each in value if (words := _too_long(field, each))), None)
    return _too_long(field, value) or _out_of_range(pack, field, value)


def _too_long(field: Field, value: Any) -> str | None:
    limit = _LENGTHS.get(field.type, SHORT)
    if isinstance(value, str) and len(value) > limit:
        return _("It may have at most {limit} characters.").format(limit=limit)
    return None


def _out_of_range(pack: Pack, field: Field, value: Any) -> str | None:
    match field.type:
        case FieldType.INTEGER if isinstance(value, int) and abs(value) >= LARGEST:
            return _("The number is too large.")
        case FieldType.MONEY if _is_too_much(value):
            return _("The number is too large.")
        case FieldType.DATE if not isinstance(value, str):
            return _("Words are needed.")
        case FieldType.DATE if not _is_in_years(value):
            return _("The year must be from {first} to {last}.").format(first=_YEARS[0], last=_YEARS[1])
        case FieldType.INSTANT if not _is_in_time(value):
            return times.wanted()
        case FieldType.DEPARTMENT if isinstance(value, str) and value and value not in pack.departments:
            return _("The policy knows no such department.")
        case FieldType.PERSON if isinstance(value, str) and value and not _is_person(value):
            return _("There is no such person.")
    return None


def _is_too_much(value: Any) -> bool:
    return any(len(digits) > DIGITS for digits in _digits(value))


def _digits(value: Any) -> Iterator[str]:
    text = str(value.get("amount", "") if isinstance(value, Mapping) else value)
    whole, _point, rest = text.strip().partition(".")
    yield whole.lstrip("-")
    yield rest.partition(" ")[0]


def _is_in_years(value: Any) -> bool:
    """Return whether a date is one that calendars reach; what is no date at all the engine refuses."""
    try:
        return not value or _YEARS[0] <= date.fromisoformat(str(value)).year <= _YEARS[1]
    except ValueError:
        return True


def _is_in_time(value: Any) -> bool:
    try:
        return not value or times.EARLIEST <= instant(value) <= times.LATEST
    except (ValueError, OverflowError):
        return False


def _is_person(value: str) -> bool:
    """Return whether the value is no key of a person, or that of one who is there."""
    if not (value[:1] == "p" and value[1:].isdecimal()):
        return True
    return len(value) < 18 and Person.objects.filter(pk=int(value[1:]), is_active=True).exists()


def _files(field: Field | None, value: Any) -> list[Any]:
    is_file = field is not None and FieldType.FILES in (field.type, field.item)
    return value if is_file and isinstance(value, list) else []


def _check_files(keys: set[Any], owner: str, case: Case | None) -> None:
    """Raise AttachmentRefused for a file that is neither the caller's own nor the case's."""
    try:
        wanted = {uuid.UUID(key) for key in keys if isinstance(key, str)}
    except ValueError as problem:
        raise AttachmentRefused("unknown") from problem
    rows = Attachment.objects.filter(id__in=wanted)
    if sum(_may_name(row, owner, case) for row in rows) != len(keys):
        raise AttachmentRefused("unknown")


def _may_name(row: Attachment, owner: str, case: Case | None) -> bool:
    return row.uploaded_by == owner if row.case_id is None else case is not None and row.case_id == case.pk
