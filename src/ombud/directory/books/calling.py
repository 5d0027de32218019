"""Calls a provider of an address book: waits where it says that we ask too often, and says in a word what is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from ombud.directory.books.model import ADDRESS, ANSWER, BUSY, SILENT, TOO_LARGE, BookError
from ombud.privacy import outgoing
from ombud.privacy.outgoing import Answer

PATIENCE = 20.0  # seconds
MOST_ANSWER = 4 * 1024 * 1024
MOST_CALLS = 20_000  # of one reading: a provider whose pages never end is left
PAUSES = (1.0, 5.0, 20.0, 60.0)  # seconds before the same is asked again
Judge = Callable[[Mapping[str, Any]], str]  # why an answer is none: a code, or nothing


class Calls:
    """The calls of one reading."""

    def __init__(self, url: str, judge: Judge) -> None:
        self._url, self._judge, self._number = url.rstrip("/"), judge, 0

    def get(self, path: str, query: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return what is answered. Raises BookError."""
        return self._again("GET", f"{path}?{urlencode(query)}", None, headers or {})

    def post(
        self, path: str, content: Any, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return what is answered to JSON. Raises BookError."""
        body = json.dumps(content).encode()
        given = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        return self._again("POST", f"{path}?{urlencode(query)}" if query else path, body, given)

    def _again(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
        for pause in (*PAUSES, None):
            try:
                return self._call(method, target, body, headers)
            except BookError as error:
                if error.code not in (BUSY, SILENT) or pause is None:
                    raise
            time.sleep(pause)
        raise AssertionError("the last one returns or raises")

    def _call(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
        self._number += 1
        if self._number > MOST_CALLS:
            raise BookError(TOO_LARGE)
        try:
            answer = outgoing.call(
                method, self._url + target, body=body, headers=headers, patience=PATIENCE, most=MOST_ANSWER + 1
            )
        except outgoing.NotAllowed as error:
            raise BookError(ADDRESS, error.code) from error
        except outgoing.NoAnswer as error:
            raise BookError(SILENT) from error
        return self._content(answer)

    def _content(self, answer: Answer) -> dict[str, Any]:
        content = answer.json
        if content and (code := self._judge(content)):
            raise BookError(code, words_of(content))
        if answer.status == 429:
            raise BookError(BUSY)
        if answer.status >= 500:
            raise BookError(SILENT, str(answer.status))
        if answer.status != 200 or not content:
            raise BookError(ANSWER, str(answer.status))
        return content


def words_of(content: Mapping[str, Any]) -> str:
    """Return what a provider says of an error, for whoever looks it up there."""
    code = next((content[name] for name in ("errcode", "code") if name in content), "")
    said = next((content[name] for name in ("errmsg", "sub_msg", "msg", "message") if content.get(name)), "")
    return f"{code} {said}".strip()


def rows(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list. Raises BookError where it is none."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BookError(ANSWER)
    return value


def text(row: Mapping[str, Any], name: str) -> str:
    """Return a text or number of a row, as text."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def identity(row: Mapping[str, Any], name: str) -> str:
    """Return the id of a row. Raises BookError where it has none that can be kept."""
    found = text(row, name)
    if not 0 < len(found) <= 255:
        raise BookError(ANSWER)
    return found


def identities(value: Any) -> frozenset[str]:
    """Return the ids in a list."""
    return (
        frozenset(str(each) for each in value if isinstance(each, str | int))
        if isinstance(value, list)
        else frozenset()
    )
