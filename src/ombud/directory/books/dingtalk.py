"""DingTalk: the departments and people that one of the company's own apps may see.

As its documentation has it: gettoken, topapi/v2/department/listsub (one level down at a time), topapi/v2/user/list by a
cursor. The company itself is department 1; auth/scopes says which departments, and which single persons, an app of a
narrower range may see; of these each is asked by topapi/v2/user/get.
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

ROOT, PAGE = "1", 100
GONE = 60121  # there is no such person any more
_CODES = {
    -1: SILENT,
    40001: LOCKED_OUT, 40014: LOCKED_OUT, 40089: LOCKED_OUT, 40091: LOCKED_OUT, 42001: LOCKED_OUT, 41001: LOCKED_OUT,
    88: FORBIDDEN, 50002: FORBIDDEN, 50004: FORBIDDEN, 60011: FORBIDDEN, 52025: FORBIDDEN,
    90002: BUSY, 90003: BUSY, 90004: BUSY, 90005: BUSY, 90006: BUSY, 90008: BUSY, 90010: BUSY, 90018: BUSY, 90019: BUSY,
    60020: PLACE,
}  # fmt: skip


def read(known: Credentials) -> Book:
    """Return the address book. Raises BookError."""
    calls = Calls(known.url, _judge)
    token = text(calls.get("/gettoken", {"appkey": known.client_id, "appsecret": known.secret}), "access_token")
    if not token:
        raise BookError(ANSWER)
    query = {"access_token": token}
    scopes = calls.get("/auth/scopes", query).get("auth_org_scopes")
    shown = scopes if isinstance(scopes, dict) else {}
    units = _begin(calls, query, shown)
    waiting = list(units)
    while waiting:
        above = waiting.pop()
        found = calls.post("/topapi/v2/department/listsub", {"dept_id": int(above), "language": "zh_CN"}, query)
        for row in rows(found.get("result")):
            unit = Unit(id=_number(row), name=text(row, "name"), parent=above)
            is_known = unit.id in units
            units[unit.id] = unit  # one that may be seen by itself may be below another one that may
            if not is_known:
                waiting.append(unit.id)
    people: dict[str, Listed] = {}
    for unit_id in units:
        for row in _listed(calls, unit_id, query):
            person = _person(row, unit_id)
            before = people.get(person.id)
            people[person.id] = _person(row, unit_id, before.units) if before else person
    for key in sorted(identities(shown.get("authed_user")) - people.keys()):
        if (alone := _alone(calls, key, query)) is not None:
            people[alone.id] = alone
    return Book(units=units, people=people)


def _begin(calls: Calls, query: Mapping[str, str], scopes: Mapping[str, Any]) -> dict[str, Unit]:
    """Return the departments from which on everything may be seen: the company itself, or some of its departments.

    None at all where only single persons may be seen.
    """
    shown = identities(scopes.get("authed_dept"))
    if ROOT in shown or not (shown or identities(scopes.get("authed_user"))):
        return {ROOT: Unit(id=ROOT, name="", parent="")}
    found = {}
    for unit_id in sorted(shown):
        row = calls.post("/topapi/v2/department/get", {"dept_id": int(_number({"dept_id": unit_id}))}, query)
        result = row.get("result")
        found[unit_id] = Unit(id=unit_id, name=text(result, "name") if isinstance(result, dict) else "", parent="")
    return found


def _alone(calls: Calls, key: str, query: Mapping[str, str]) -> Listed | None:
    """Return a person who may be seen by themselves; None where they are there no more."""
    answer = calls.post("/topapi/v2/user/get", {"userid": key, "language": "zh_CN"}, query)
    if answer.get("errcode") == GONE:
        return None
    if not isinstance(row := answer.get("result"), dict):
        raise BookError(ANSWER)
    return _person(row)


def _listed(calls: Calls, unit: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return all rows of a department, page by page."""
    found, cursor = [], 0
    while True:
        asked = {"dept_id": int(unit), "cursor": cursor, "size": PAGE, "language": "zh_CN"}
        result = calls.post("/topapi/v2/user/list", asked, query).get("result")
        if not isinstance(result, dict):
            raise BookError(ANSWER)
        found += rows(result.get("list"))
        after = result.get("next_cursor")
        if result.get("has_more") is not True:
            return found
        if not isinstance(after, int) or after <= cursor:
            raise BookError(ANSWER)
        cursor = after


def _number(row: Mapping[str, Any]) -> str:
    found = identity(row, "dept_id")
    if not (found.isascii() and found.isdecimal()) or len(found) > 18:
        raise BookError(ANSWER)
    return found


def _person(row: Mapping[str, Any], unit: str = "", also: frozenset[str] = frozenset()) -> Listed:
    return Listed(
        id=identity(row, "userid"),
        name=text(row, "name"),
        english="",
        email=text(row, "org_email"),
        own_email=text(row, "email"),
        units=(identities(row.get("dept_id_list")) | {unit} | also) - {""},
        is_active=True,  # `active` says whether they use the app; whoever left is not listed
    )


def _judge(content: Mapping[str, Any]) -> str:
    code = content.get("errcode", 0)
    if code in (0, GONE):
        return ""
    sub = text(content, "sub_code")
    if code == 88 and sub.isdecimal() and int(sub) in _CODES:  # what is really wrong stands below
        code = int(sub)
    return _CODES.get(code, ANSWER) if isinstance(code, int) else ANSWER


PROVIDER = Provider(
    url="https://oapi.dingtalk.com", id_label=_("AppKey (Client ID)"), secret_label=_("AppSecret (Client Secret)"),
    read=read,
)  # fmt: skip
