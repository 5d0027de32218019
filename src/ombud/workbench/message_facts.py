"""What is known of a message besides its words: whether its sender is proved, and what of it could not be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from ombud.interface.lists import listed

_PASSED, _FAILED = ("pass",), ("fail", "softfail", "permerror")  # of RFC 8601; anything else decides nothing


@dataclass(frozen=True, slots=True)
class MessageFact:
    """One thing that is known, in words."""

    words: str
    is_warning: bool = False


def of(details: Mapping[str, Any]) -> list[MessageFact]:
    """Return what the details of a message tell its reader."""
    return list(_facts(details))


def _facts(details: Mapping[str, Any]) -> Iterator[MessageFact]:
    if found := details.get("authenticity"):
        yield _authenticity(found)
    if size := details.get("too_large"):
        said = _("It is too large ({size}): only its head was taken in. The whole lies in the mailbox.")
        yield MessageFact(said.format(size=filesizeformat(size)), is_warning=True)
    if lost := details.get("lost"):
        yield MessageFact(_("Files that could not be fetched: {names}").format(names=listed(lost)), is_warning=True)
    if details.get("defects"):
        yield MessageFact(_("It came damaged: what can be read is shown, and the whole is under “As it came”."))


def _authenticity(found: Mapping[str, Any]) -> MessageFact:
    """Return what our own mail server found out about the sender."""
    proved = {"SPF": [found.get("spf_domain")], "DKIM": found.get("dkim_domains") or [], "DMARC": []}
    results = {check: str(found.get(check.lower()) or "") for check in proved}
    said = [_result(check, result, proved[check]) for check, result in results.items() if result]
    words = _("{server} looked at the sender: {results}").format(server=found.get("server"), results=listed(said))
    return MessageFact(words, is_warning=any(result in _FAILED for result in results.values()))


def _result(check: str, result: str, domains: list[Any]) -> str:
    said = (
        _("{check} holds") if result in _PASSED else _("{check} fails") if result in _FAILED else _("{check} is open")
    )
    known = [str(each) for each in domains if each]
    words = said.format(check=check)
    return _("{words} ({names})").format(words=words, names=listed(known)) if known else words
