"""Complaints filed by the forms as fast as somebody can, from one address, and one from another."""

from __future__ import annotations

import re
from collections import Counter
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

STEPS: tuple[dict[str, str], ...] = (
    {"subject": "Noise", "narrative": "It hums"},
    {"object": "AP-300"},
    {"name": "Ann"},
)
MANY = 40


def flood(port: int) -> tuple[str, str]:
    """Return what became of the complaints of a flood, and of one that somebody else files in the middle of it."""
    became: Counter[str] = Counter()
    others = ""
    for number in range(MANY):
        became[_file(port, "203.0.113.1")] += 1
        if number == MANY * 3 // 4:
            others = _file(port, "198.51.100.7")
    return ", ".join(f"{count} {what}" for what, count in became.items()), others


def _file(port: int, address: str) -> str:
    """Fill in a form as a browser at that address does and return what became of it."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    site = f"http://127.0.0.1:{port}"

    def ask(path: str, data: dict[str, str] | None = None) -> Any:
        body = urlencode(data).encode() if data is not None else None
        return browser.open(Request(f"{site}{path}", body, {"X-Forwarded-For": address}), timeout=60)

    def send(path: str, page: str, data: dict[str, str]) -> tuple[str, str]:
        token = _field(page, "csrfmiddlewaretoken")
        with ask(path, {"csrfmiddlewaretoken": token, **data}) as answer:
            return answer.url.removeprefix(site), answer.read().decode()

    with ask("/to/customer-complaints/") as answer:
        page = answer.read().decode()
    here, page = send("/file/customer-complaints/", page, {})
    for step in STEPS:
        here, page = send(here, page, step)
    sent = here.replace("/check/", "/send/")
    there, _page = send(sent, page, {"digest": _field(page, "digest")})
    return "filed" if "/receipt/" in there else "held for its turn" if "/held/" in there else f"led to {there}"


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""
