"""WeCom: the departments and people that one of the company's own apps may see.

As its documentation has it: gettoken (document 91039), department/list (90208), user/list (90201), global error codes
(90313). An app made since June 2022 gets no e-mail address without the company's consent: people are then found by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ombud.directory.books.calling import Calls, identities, identity, rows, text
from ombud.directory.books.model import (
    ANSWER,
    BUSY,
    FORBIDDEN,
    LOCKED_OUT,
    PLACE,
    SILENT,
    Book,
    BookError,
    Credentials,
    Listed,
    Provider,
    Unit,
)  # fmt: skip

_CODES = {
    -1: SILENT,  # the system is busy
    40001: LOCKED_OUT, 40013: LOCKED_OUT, 40014: LOCKED_OUT, 41004: LOCKED_OUT, 42001: LOCKED_OUT,
    45009: BUSY, 45033: BUSY,
    48002: FORBIDDEN, 60011: FORBIDDEN, 301002: FORBIDDEN, 50001: FORBIDDEN, 50003: FORBIDDEN,
    60020: PLACE,  # calls from this address are not let in
}  # fmt: skip
_ACTIVE, _NOT_YET = 1, 4  # of 2 (disabled) and 5 (left) nobody comes in


def read(known: Credentials) -> Book:
    """Return the address book. Raises BookError."""
    calls = Calls(known.url, _judge)
    token = text(
        calls.get("/cgi-bin/gettoken", {"corpid": known.client_id, "corpsecret": known.secret}), "access_token"
    )
    if not token:
        raise BookError(ANSWER)
    units = {}
    for row in rows(calls.get("/cgi-bin/department/list", {"access_token": token}).get("department")):
        unit = Unit(id=identity(row, "id"), name=text(row, "name"), parent=text(row, "parentid"))
        units[unit.id] = unit
    people: dict[str, Listed] = {}
    for unit_id in units:
        found = calls.get("/cgi-bin/user/list", {"access_token": token, "department_id": unit_id})
        for row in rows(found.get("userlist")):
            person = _person(row)
            before = people.get(person.id)
            people[person.id] = _joined(before, person, unit_id) if before else _joined(person, person, unit_id)
    return Book(units=units, people=people)


def _person(row: Mapping[str, Any]) -> Listed:
    return Listed(
        id=identity(row, "userid"),
        name=text(row, "name"),
        english=text(row, "english_name"),
        email=text(row, "biz_mail"),
        own_email=text(row, "email"),
        units=identities(row.get("department")),
        is_active=row.get("status", _ACTIVE) in (_ACTIVE, _NOT_YET) and row.get("enable", 1) != 0,
    )


def _joined(before: Listed, person: Listed, unit: str) -> Listed:
    """Return somebody with the department under which they were listed, too."""
    return Listed(
        id=person.id,
        name=person.name,
        english=person.english,
        email=person.email,
        own_email=person.own_email,
        units=before.units | person.units | {unit},
        is_active=person.is_active,
    )


def _judge(content: Mapping[str, Any]) -> str:
    code = content.get("errcode", 0)
    return "" if code == 0 else _CODES.get(code, ANSWER) if isinstance(code, int) else ANSWER


PROVIDER = Provider(
    url="https://qyapi.weixin.qq.com", id_label=_("Corp ID (corpid)"), secret_label=_("Secret of the app"), read=read
)
