"""Users: how a person is written as a resource, what a resource says of a person, which are asked for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import get_supported_language_variant

from ombud.directory.models import Entry
from ombud.directory.people import Said
from ombud.directory.scim.errors import bad_filter, bad_value
from ombud.directory.scim.paths import BEGINS, CONTAINS, EQUAL, PRESENT, Term
from ombud.directory.scim.schemas import USER
from ombud.organisation.models import words

LONGEST = 255  # letters of a text
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_NAME = ("formatted", "familyname", "givenname")
_WRITTEN = {"familyname": "familyName", "givenname": "givenName"}
_COLUMNS = {
    "username": "person__username",
    "emails": "person__email",
    "emails.value": "person__email",
    "externalid": "external_id",
}
_LOOKUPS = {EQUAL: "iexact", CONTAINS: "icontains", BEGINS: "istartswith"}


def written(entry: Entry, base: str) -> dict[str, Any]:
    """Return a person as a resource."""
    person, told = entry.person, entry.told
    content: dict[str, Any] = {
        "schemas": [USER],
        "id": str(entry.pk),
        "userName": person.username,
        "displayName": told.get("displayname") or words(person.names) or person.username,
        "active": entry.is_active and person.is_active,
        "emails": _mails(entry),
    }
    name = told.get("name") or {}
    optional = {
        "externalId": entry.external_id,
        "name": {_WRITTEN.get(part, part): name[part] for part in _NAME if name.get(part)},
        "title": told.get("title"),
        "preferredLanguage": person.language,
    }
    content |= {key: value for key, value in optional.items() if value}
    return content | {
        "meta": {
            "resourceType": "User",
            "created": entry.made_at.isoformat(),
            "lastModified": entry.changed_at.isoformat(),
            "location": f"{base}/Users/{entry.pk}",
            "version": version_of(content),
        }
    }


def version_of(content: Mapping[str, Any]) -> str:
    """Return the version of a resource: what changes by hand here is another one too."""
    text = json.dumps({key: value for key, value in content.items() if key != "meta"}, sort_keys=True)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'


def known(entry: Entry) -> dict[str, Any]:
    """Return what is known of a person, as PATCH changes it."""
    person, told = entry.person, entry.told
    return {
        "username": person.username,
        "externalid": entry.external_id,
        "displayname": told.get("displayname"),
        "title": told.get("title"),
        "name": dict(told.get("name") or {}),
        "preferredlanguage": person.language,
        "active": entry.is_active,  # the directory's own word, whatever was done here by hand
        "emails": _mails(entry),
    }


def said(resource: Mapping[str, Any]) -> Said:
    """Return what a resource, its names in small letters, says of a person. Raises ScimError."""
    username = _text(resource, "username")
    if not username:
        raise bad_value("A user has a userName.")
    parts = resource.get("name")
    if parts is not None and not isinstance(parts, dict):
        raise bad_value("name is an object.")
    name = {part: text for part in _NAME if (text := _text(parts or {}, part))}
    mail = _mail(resource.get("emails"))
    shown = _text(resource, "displayname")
    told = {"displayname": shown, "title": _text(resource, "title"), "name": name, "mail": mail.get("type")}
    called = shown or name.get("formatted") or _joined(name)
    language = _language(_text(resource, "preferredlanguage"))
    return Said(
        external_id=_text(resource, "externalid"),
        username=username,
        email=mail.get("value", ""),
        names={"zh" if _CHINESE.search(called) else "en": called} if called else {},
        language=language,
        is_active=_truth(resource.get("active")),
        told={key: value for key, value in told.items() if value},
    )


def condition(term: Term) -> Q:
    """Return which entries a condition means. Raises ScimError."""
    name, value = term.path.whole, term.value
    if name == "id" and term.op == EQUAL:
        return Q(pk=key_of(value))
    if name == "active" and term.op == EQUAL:
        both = Q(is_active=True, person__is_active=True)
        return both if str(value).lower() == "true" else ~both
    column = _COLUMNS.get(name)
    if column is None:
        raise bad_filter(f"Users cannot be found by {term.path.whole}.")
    if term.op == PRESENT:
        return ~Q(**{column: ""})
    if name == "externalid" and term.op == EQUAL:
        return Q(external_id=str(value))
    return Q(**{f"{column}__{_LOOKUPS[term.op]}": str(value)})


def key_of(value: object) -> UUID:
    """Return an id; of what is none, one that nobody has."""
    try:
        return UUID(str(value))
    except ValueError:
        return UUID(int=0)


def _mails(entry: Entry) -> list[dict[str, Any]]:
    email = entry.person.email
    return [{"value": email, "type": entry.told.get("mail") or "work", "primary": True}] if email else []


def _text(resource: Mapping[str, Any], name: str) -> str:
    value = resource.get(name)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list | float):
        raise bad_value(f"{name} is a text.")
    if len(text := str(value).strip()) > LONGEST:
        raise bad_value(f"{name} is too long.")
    return text


def _truth(value: object) -> bool:
    """Return whether somebody is there; Entra ID writes it as a text."""
    if value is None:
        return True
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise bad_value("active is true or false.")


def _mail(rows: object) -> dict[str, str]:
    """Return the address that counts: the primary one, else the one at work, else the first."""
    if rows is None:
        return {}
    if isinstance(rows, dict | str):
        rows = [rows]
    if not isinstance(rows, list):
        raise bad_value("emails is a list.")
    given = [row if isinstance(row, dict) else {"value": row} for row in rows]
    found = [(row, value) for row in given if (value := _text(row, "value"))]
    if not found:
        return {}
    row, value = next(
        (each for each in found if str(each[0].get("primary")).lower() == "true"),
        next((each for each in found if each[0].get("type") == "work"), found[0]),
    )
    return {"value": value, "type": _text(row, "type")[:20]}


def _joined(name: Mapping[str, str]) -> str:
    """Return a name from its parts, as people of its script write it."""
    given, family = name.get("givenname", ""), name.get("familyname", "")
    return f"{family}{given}" if _CHINESE.search(f"{family}{given}") else f"{given} {family}".strip()


def _language(tag: str) -> str:
    """Return the desk's language for a tag such as zh-CN; nothing where it has none for it."""
    try:
        found = get_supported_language_variant(tag.replace("_", "-").lower()) if tag else ""
    except LookupError:
        return ""
    return found if found in settings.OMBUD_DESK_LANGUAGES else ""
