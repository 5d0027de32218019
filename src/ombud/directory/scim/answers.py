"""Answers as the RFC has them: resources with their version, lists page by page, errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from ombud.directory.scim.errors import ScimError, bad_value
from ombud.directory.scim.paths import Term, terms_of
from ombud.directory.scim.schemas import LIST, MOST

MEDIA_TYPE = "application/scim+json"
Row = TypeVar("Row", bound=Model)
_ALWAYS = frozenset({"id", "schemas", "meta"})


def answer(content: Mapping[str, Any] | None, status: int = 200) -> HttpResponse:
    """Return an answer; of a resource with its version and place."""
    body = json.dumps(content, ensure_ascii=False) if content is not None else ""
    response = HttpResponse(body, status=status, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    meta = (content or {}).get("meta") or {}
    if "version" in meta:
        response["ETag"] = meta["version"]
    if status == 201:
        response["Location"] = meta["location"]
    return response


def shown(request: HttpRequest, content: dict[str, Any]) -> dict[str, Any]:
    """Return of a resource what was asked for (RFC 7644, 3.9)."""
    wanted, unwanted = _names(request, "attributes"), _names(request, "excludedAttributes")
    if wanted:
        return {name: value for name, value in content.items() if name.lower() in wanted or name in _ALWAYS}
    return {name: value for name, value in content.items() if name.lower() not in unwanted or name in _ALWAYS}


def wants(request: HttpRequest, name: str) -> bool:
    """Return whether an attribute was asked for."""
    wanted = _names(request, "attributes")
    return name in wanted if wanted else name not in _names(request, "excludedAttributes")


def page(
    request: HttpRequest, rows: QuerySet[Row], condition: Callable[[Term], Q], written: Callable[[Row], dict[str, Any]]
) -> HttpResponse:
    """Return one page of what a filter means. Raises ScimError."""
    if text := request.GET.get("filter", "").strip():
        for term in terms_of(text):
            rows = rows.filter(condition(term))
    start, count = max(1, _number(request, "startIndex", 1)), max(0, min(MOST, _number(request, "count", MOST)))
    total = rows.count()
    found = list(rows[start - 1 : start - 1 + count]) if start <= total else []
    return answer(
        {
            "schemas": [LIST],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(found),
            "Resources": [shown(request, written(row)) for row in found],
        }
    )


def listed(rows: list[dict[str, Any]]) -> HttpResponse:
    """Return a list that needs no pages."""
    return answer(
        {"schemas": [LIST], "totalResults": len(rows), "startIndex": 1, "itemsPerPage": len(rows), "Resources": rows}
    )


def need_version(request: HttpRequest, version: str) -> None:
    """Raise ScimError where the caller means another version than there is."""
    wanted = request.headers.get("If-Match", "")
    if wanted and wanted.strip() != "*" and not _names_it(wanted, version):
        raise ScimError(412, "It was changed meanwhile.")


def is_known(request: HttpRequest, version: str) -> bool:
    """Return whether the caller has this version already."""
    return _names_it(request.headers.get("If-None-Match", ""), version)


def _names_it(header: str, version: str) -> bool:
    return version.removeprefix("W/") in {each.strip().removeprefix("W/") for each in header.split(",")}


def _names(request: HttpRequest, name: str) -> frozenset[str]:
    given = request.GET.get(name, "").lower().split(",")
    return frozenset(each.strip().rsplit(":", 1)[-1].partition(".")[0] for each in given if each.strip())


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "").strip()
    if not text:
        return otherwise
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 9:
        raise bad_value(f"{name} is a number.")
    return int(text)
