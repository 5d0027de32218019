"""Applies PATCH operations to a resource: as the RFC has them, and as Okta and Entra ID really send them.

Entra ID writes operations with a capital, `active` as the text "False", a member to remove as a value beside the path,
and several attributes at once under their paths. Nobody of us can change that, so all of it is understood.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ombud.directory.scim.errors import ScimError, bad_syntax, bad_value
from ombud.directory.scim.paths import Path, path_of

ADD, REPLACE, REMOVE = "add", "replace", "remove"
MOST = 1000  # operations of one call
LISTS = frozenset({"emails", "members"})  # attributes with several values
COMPLEX = frozenset({"name"})
READ_ONLY = frozenset({"id", "meta", "schemas", "groups"})
Resource = dict[str, Any]  # an attribute -> its value; names in small letters, parts too


def patched(resource: Resource, body: Mapping[str, Any]) -> Resource:
    """Return the resource after all operations of a call, in their order. Raises ScimError."""
    operations = _member(body, "operations")
    if not isinstance(operations, list) or not operations:
        raise bad_syntax("A PATCH has a list of Operations.")
    if len(operations) > MOST:
        raise ScimError(413, f"A PATCH has at most {MOST} operations.")
    found = copy.deepcopy(resource)
    for each in operations:
        if not isinstance(each, dict):
            raise bad_syntax("An operation is an object.")
        _apply(found, each)
    return found


def lowered(value: Any) -> Any:
    """Return a value with the names of its attributes in small letters, as all of them are compared."""
    if isinstance(value, dict):
        return {name.rsplit(":", 1)[-1].lower(): lowered(each) for name, each in value.items()}
    return [lowered(each) for each in value] if isinstance(value, list) else value


def _apply(found: Resource, operation: Mapping[str, Any]) -> None:
    op, path = _member(operation, "op"), _member(operation, "path")
    value = _member(operation, "value")
    op = op.lower() if isinstance(op, str) else op
    if op not in (ADD, REPLACE, REMOVE):
        raise bad_syntax("An operation is add, replace or remove.")
    if path in (None, ""):
        if op == REMOVE:
            raise ScimError(400, "What is to be removed has no path.", "noTarget")
        if not isinstance(value, dict):
            raise bad_value("Without a path the value is an object.")
        for name, each in value.items():
            if not isinstance(each, dict) or not name.lower().startswith("urn:"):
                _set(found, op, path_of(name), lowered(each))
        return
    where = path_of(path)
    if op == REMOVE:
        _remove(found, where, lowered(value))
    else:
        _set(found, op, where, lowered(value))


def _set(found: Resource, op: str, path: Path, value: Any) -> None:
    if path.name in READ_ONLY:
        return  # Okta sends the id along
    if path.name in LISTS:
        _set_of_list(found, op, path, value)
    elif path.part:
        known = found.get(path.name)
        found[path.name] = {**(known if isinstance(known, dict) else {}), path.part: _single(value)}
    elif path.name in COMPLEX and isinstance(value, dict):
        known = found.get(path.name)
        found[path.name] = {**(known if isinstance(known, dict) and op == ADD else {}), **value}
    else:
        found[path.name] = _single(value)


def _set_of_list(found: Resource, op: str, path: Path, value: Any) -> None:
    rows = _rows(found.get(path.name))
    if path.which is None and not path.part:
        given = _given(value)
        found[path.name] = given if op == REPLACE else _joined(rows, given)
        return
    chosen = [row for row in rows if _is_chosen(row, path)]
    if not chosen and path.which is not None:  # the RFC has noTarget; Entra ID wants it made
        rows.append(row := {path.which[0]: path.which[1]})
        chosen = [row]
    for row in chosen:
        if path.part:
            row[path.part] = _single(value)
        elif isinstance(value, dict):
            row.update(value)
        else:
            row["value"] = _single(value)
    found[path.name] = rows


def _remove(found: Resource, path: Path, value: Any) -> None:
    if path.name in READ_ONLY:
        raise ScimError(400, f"{path.name} cannot be removed.", "mutability")
    if path.name not in LISTS:
        if path.part and isinstance(found.get(path.name), dict):
            found[path.name].pop(path.part, None)
        elif not path.part:
            found.pop(path.name, None)
        return
    rows = _rows(found.get(path.name))
    if path.which is not None:
        if path.part:
            for row in rows:
                if _is_chosen(row, path):
                    row.pop(path.part, None)
        else:
            rows = [row for row in rows if not _is_chosen(row, path)]
    elif value not in (None, [], ""):  # Entra ID names whom to remove beside the path
        gone = _values(_given(value))
        rows = [row for row in rows if not _values([row]) & gone]
    else:
        rows = []
    found[path.name] = rows


def _is_chosen(row: Mapping[str, Any], path: Path) -> bool:
    if path.which is None:
        return True
    known, wanted = row.get(path.which[0]), path.which[1]
    if isinstance(known, str) and isinstance(wanted, str):
        return known.lower() == wanted.lower()
    return known is not None and str(known).lower() == str(wanted).lower()


def _joined(rows: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return both, each value once; a new primary one is the only primary one."""
    if any(_is_primary(row) for row in given):
        rows = [{**row, "primary": False} for row in rows]
    new = _values(given)
    return [*(row for row in rows if not _values([row]) & new), *given]


def _values(rows: list[dict[str, Any]]) -> set[str]:
    """Return the values of rows, as far as they are texts: anything else is refused when it is read."""
    return {value for row in rows if isinstance(value := row.get("value"), str)}


def _is_primary(row: Mapping[str, Any]) -> bool:
    return str(row.get("primary")).lower() == "true"


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _given(value: Any) -> list[dict[str, Any]]:
    """Return what was given for an attribute with several values: objects, or bare values."""
    found = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            found.append(each)
        elif isinstance(each, str):
            found.append({"value": each})
        elif each is not None:
            raise bad_value("Each of several values is an object.")
    return found


def _single(value: Any) -> Any:
    """Return the value of an attribute that has one: some write it as a list of one object."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value["value"] if isinstance(value, dict) and set(value) <= {"value", "$ref"} and "value" in value else value


def _member(body: Mapping[str, Any], name: str) -> Any:
    """Return a member of an object, whatever its name's capitals."""
    return next((value for key, value in body.items() if key.lower() == name), None)
