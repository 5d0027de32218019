"""Every request in docs/reference/api.md is sent, and answered as it says there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from builders import after
from ombud.api.urls import api

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md"
BLOCK = re.compile(r"```http\n(?P<asked>.*?)```\s*```json\n(?P<told>.*?)```", re.DOTALL)


def agrees(shown: Any, told: Any, known: dict[str, str], place: str = "") -> None:
    """Fail where the page and the answer differ; `...` stands for the rest, NAMES in capitals for what is random."""
    if isinstance(shown, dict):
        rest = shown.get("...") is not None
        assert set(shown) - {"..."} <= set(told) if rest else set(shown) == set(told), place
        for name in set(shown) - {"..."}:
            agrees(shown[name], told[name], known, f"{place}.{name}")
    elif isinstance(shown, list) and shown[-1:] == ["..."]:
        assert len(told) >= len(shown) - 1, place
        for number, each in enumerate(shown[:-1]):
            agrees(each, told[number], known, f"{place}[{number}]")
    elif isinstance(shown, list):
        assert len(shown) == len(told), place
        for number, (one, other) in enumerate(zip(shown, told, strict=True)):
            agrees(one, other, known, f"{place}[{number}]")
    elif isinstance(shown, str) and re.fullmatch(r"[A-Z]+", shown) and shown != "CNY":
        assert known.setdefault(shown, told) == told, place
    else:
        assert shown == told, place


def test_every_example_is_true(calling: Any, at_start: Any, media: Any) -> None:
    lin, known = calling("lin"), {}
    examples = list(BLOCK.finditer(PAGE.read_text(encoding="utf-8")))
    assert len(examples) >= 8
    at_start.move_to(after(20))
    for example in examples:
        head, _, body = example["asked"].strip().partition("\n\n")
        first, *headers = head.splitlines()
        for name, value in known.items():
            first, body = re.sub(rf"\b{name}\b", value, first), body.replace(f'"{name}"', f'"{value}"')
        method, path = first.split()
        path = path.removeprefix("/api/v1")
        more = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in headers)}
        assert "authorization" in more, "the page shows how to say who calls"
        more.pop("authorization")
        if method == "GET":
            answer = lin.get(path)
        elif path == "/files":
            answer = lin.send(SimpleUploadedFile("receipt.txt", b"kettle, 199.00\n"))
        else:
            more.pop("content-type", None)
            answer = lin.post(path, body, **more)
        status, _, told = example["told"].strip().partition("\n")
        assert status == f"// {answer.status_code}", (first, answer.content)
        agrees(json.loads(told), answer.json(), known, first)


def test_the_page_names_every_endpoint_scope_and_problem() -> None:
    from ombud.api.keys import SCOPES
    from ombud.api.problems import KINDS

    page = PAGE.read_text(encoding="utf-8")
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []
    assert [scope for scope in SCOPES if f"`{scope}`" not in page] == []
