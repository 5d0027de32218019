"""Feishu: the departments and people within the range of contacts of one of the company's own apps.

As its documentation has it: auth/v3/tenant_access_token/internal, contact/v3/departments/:id/children with
fetch_child, contact/v3/users/find_by_department; both in pages of at most 50. The company itself is department 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

ROOT, PAGE, _NOT_SHOWN = "0", 50, 40004
_KINDS = {"department_id_type": "open_department_id", "user_id_type": "open_id"}
_CODES = {
    10003: LOCKED_OUT, 10014: LOCKED_OUT, 10015: LOCKED_OUT, 99991661: LOCKED_OUT, 99991663: LOCKED_OUT,
    99991664: LOCKED_OUT, 99991668: LOCKED_OUT, 99991543: LOCKED_OUT,
    99991400: BUSY, 11232: BUSY, 11233: BUSY, 11247: BUSY,
    99991672: FORBIDDEN, 40004: FORBIDDEN, 40014: FORBIDDEN, 41050: FORBIDDEN, 43007: FORBIDDEN, 99991676: FORBIDDEN,
    99991401: PLACE,
    99991000: SILENT, 40003: SILENT,
}  # fmt: skip


def read(known: Credentials) -> Book:
    """Return the address book. Raises BookError."""
    calls = Calls(known.url, _judge)
    asked = {"app_id": known.client_id, "app_secret": known.secret}
    token = text(calls.post("/open-apis/auth/v3/tenant_access_token/internal", asked), "tenant_access_token")
    if not token:
        raise BookError(ANSWER)
    headers = {"Authorization": f"Bearer {token}"}
    units = {ROOT: Unit(id=ROOT, name="", parent="")}
    for row in _pages(calls, f"/open-apis/contact/v3/departments/{ROOT}/children", {"fetch_child": "true"}, headers):
        if not _is(row, "is_deleted"):
            key, parent = identity(row, "open_department_id"), text(row, "parent_department_id")
            units[key] = Unit(id=key, name=text(row, "name") or key, parent=parent or ROOT)
    people: dict[str, Listed] = {}
    for unit_id in units:
        for row in _inside(calls, unit_id, headers):
            before = people.get(identity(row, "open_id"))
            person = _person(row, unit_id, before.units if before else frozenset())
            people[person.id] = person
    return Book(units=units, people=people)


def _inside(calls: Calls, unit: str, headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return who is in a department. The company itself is one that an app of a narrower range is not shown."""
    path = "/open-apis/contact/v3/users/find_by_department"
    try:
        return list(_pages(calls, path, {"department_id": unit}, headers))
    except BookError as error:
        if unit == ROOT and error.about.startswith(f"{_NOT_SHOWN} "):
            return []
        raise


def _pages(calls: Calls, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield all rows, page by page."""
    after = ""
    while True:
        given = {**_KINDS, **query, "page_size": PAGE, **({"page_token": after} if after else {})}
        data = calls.get(path, given, headers).get("data")
        if not isinstance(data, dict):
            raise BookError(ANSWER)
        yield from rows(data.get("items"))
        if data.get("has_more") is not True:
            return
        before, after = after, text(data, "page_token")
        if not after or after == before:
            raise BookError(ANSWER)


def _person(row: Mapping[str, Any], unit: str, also: frozenset[str]) -> Listed:
    gone = any(_is(row, name) for name in ("is_resigned", "is_exited", "is_frozen"))
    return Listed(
        id=identity(row, "open_id"),
        name=text(row, "name"),
        english=text(row, "en_name"),
        email=text(row, "enterprise_email"),
        own_email=text(row, "email"),
        units=identities(row.get("department_ids")) | {unit} | also,
        is_active=not gone,
    )


def _is(row: Mapping[str, Any], name: str) -> bool:
    status = row.get("status")
    return isinstance(status, dict) and status.get(name) is True


def _judge(content: Mapping[str, Any]) -> str:
    code = content.get("code", 0)
    return "" if code == 0 else _CODES.get(code, ANSWER) if isinstance(code, int) else ANSWER


PROVIDER = Provider(url="https://open.feishu.cn", id_label=_("App ID"), secret_label=_("App Secret"), read=read)
