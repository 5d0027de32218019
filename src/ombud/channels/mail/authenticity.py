"""What our own mail server found out about a sender: SPF, DKIM, DMARC, from the header that it writes (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Collection

from ombud.channels.mail.headers import Headers
from ombud.channels.mail.model import Authenticity
from ombud.policy.plain_text import plain

MOST = 50  # results of one header
_RESULT = re.compile(r"(spf|dkim|dmarc)\s*+=\s*+([a-z]{1,20})", re.IGNORECASE)
_PROPERTY = re.compile(
    r"(?:smtp\.mailfrom|smtp\.helo|header\.d|header\.i|header\.from)\s*+=\s*+\"?([^\s;\"]{1,320})", re.IGNORECASE
)


def authenticity_of(headers: Headers, trusted_servers: Collection[str]) -> Authenticity:
    """Return the results that a trusted server wrote.

    A sender can write such a header too, in our server's name. Ours stand on top: the first one counts, and those
    that follow it up to the next Received, which tells of the way before.
    """
    trusted = {each.strip().lower() for each in trusted_servers}
    found: dict[str, list[tuple[str, str]]] = {"spf": [], "dkim": [], "dmarc": []}
    server = ""
    for name, value in headers.fields:
        if server and name == "received":
            break
        if name != "authentication-results":
            continue
        first, *results = _without_comments(plain(value.decode("latin-1"))).split(";")
        who = first.split()[0].lower() if first.split() else ""
        if who not in trusted or who != (server or who):
            continue
        server = who
        for each in results[:MOST]:
            if known := _RESULT.match(each.strip()):
                of = _PROPERTY.search(each)
                found[known[1].lower()].append((known[2].lower(), _domain(of[1]) if of else ""))
    spf, dkim, dmarc = found["spf"], found["dkim"], found["dmarc"]
    holding = [domain for result, domain in dkim if result == "pass"]
    return Authenticity(
        server=server,
        spf=spf[0][0] if spf else "",
        spf_domain=spf[0][1] if spf else "",
        dkim="pass" if holding else dkim[0][0] if dkim else "",
        dkim_domains=tuple(dict.fromkeys(filter(None, holding))),
        dmarc=dmarc[0][0] if dmarc else "",
    )


def _domain(value: str) -> str:
    return value.rpartition("@")[2].strip("<>").lower()


def _without_comments(value: str) -> str:
    """Return the header without what stands in parentheses, which may hold semicolons and results of its own."""
    kept: list[str] = []
    depth = 0
    for letter in value:
        if letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif not depth:
            kept.append(letter)
    return "".join(kept)
