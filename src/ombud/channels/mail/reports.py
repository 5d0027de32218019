"""Reports on mail that was sent before: not delivered, late, delivered, read (RFC 3464, RFC 8098, and looser ones)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ombud.channels.mail import bodies
from ombud.channels.mail.addresses import ADDRESS
from ombud.channels.mail.headers import Headers, read_headers
from ombud.channels.mail.model import Bounce
from ombud.channels.mail.parts import Part

MOST = 100  # recipients of a report
_ID = re.compile(r"^message-id:\s*+<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE)
_BRACKETED = re.compile(r"^\s{0,8}<?([^\s<>(),;:\"\[\]\\@]{1,128}@[^\s<>(),;:\"\\@]{1,255})>?:", re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.])([45]\d\d)[ -]")
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-?daemon|mdaemon|bounce)(?:[+=.-].*)?", re.IGNORECASE)
_FAILED = re.compile(
    r"undeliver|not delivered|delivery (?:status )?(?:notification )?\(?fail|failure notice|returned mail|"
    r"mail delivery (?:failed|failure|subsystem)|delivery has failed|unzustellbar|non remis|\u9000\u4fe1|"
    r"\u6295\u9012\u5931\u8d25|\u65e0\u6cd5\u6295\u9012|\u7121\u6cd5\u50b3\u9001|\u672a\u9001\u8fbe|\u9001\u4fe1\u5931\u6557",
    re.IGNORECASE,
)
_OUTCOMES = ("failed", "delayed", "delivered", "relayed", "expanded")
_WORST_FIRST = ("failed", "delayed", "expanded", "relayed", "delivered")


def report_of(root: Part, sender: str, text: str) -> Bounce | None:
    """Return the report that a mail is, None where it is none."""
    if groups := list(_groups(root, "message/delivery-status", "message/global-delivery-status")):
        return _delivery(root, groups)
    if groups := list(_groups(root, "message/disposition-notification", "message/global-disposition-notification")):
        return _disposition(root, groups[0])
    return _loose(root, sender, text)


def _delivery(root: Part, groups: list[Headers]) -> Bounce:
    """Return what a delivery report says: of several recipients those with the worst outcome."""
    named = [(_outcome(group), group) for group in groups if _address(group) or group.raw("action")]
    outcome = next((each for each in _WORST_FIRST if any(known == each for known, _ in named)), "failed")
    told = [group for known, group in named if known == outcome][:MOST]
    status = next((found[1] for group in told if (found := _STATUS.search(group.text("status")))), "")
    words = next((words for group in told if (words := group.text("diagnostic-code"))), "")
    return Bounce(
        outcome=outcome,
        message_ids=_returned_ids(root),
        recipients=tuple(dict.fromkeys(filter(None, map(_address, told)))),
        status=status,
        diagnostic=_diagnostic(words),
        is_final=outcome == "failed",
    )


def _disposition(root: Part, headers: Headers) -> Bounce:
    """Return what a receipt of reading says; one that was deleted unread has been delivered all the same."""
    said = headers.text("disposition").partition(";")[2].lower()
    own = re.findall(r"<([^<>\s]{1,900})>", headers.text("original-message-id"))
    return Bounce(
        outcome="read" if "displayed" in said else "delivered",
        message_ids=tuple(dict.fromkeys([*own, *_returned_ids(root)])),
        recipients=tuple(filter(None, [_address(headers)])),
        status="",
        diagnostic="",
        is_final=True,
    )


def _loose(root: Part, sender: str, text: str) -> Bounce | None:
    """Return what a failure report in plain words says, as many servers write it."""
    headers = root.headers
    failed = headers.text("x-failed-recipients")
    is_daemon = bool(_DAEMON.fullmatch(sender.partition("@")[0])) or headers.raw("return-path") == b"<>"
    start = text[:20_000]
    if not failed and not (is_daemon and _FAILED.search(f"{headers.text('subject')}\n{start[:2_000]}")):
        return None
    status = _STATUS.search(start)
    code = _CODE.search(start)
    whom = ADDRESS.findall(failed) or _BRACKETED.findall(start)
    diagnostic = next((line.strip() for line in start.splitlines() if _STATUS.search(line) or _CODE.search(line)), "")
    is_lasting = (status[1] if status else code[1] if code else "5").startswith("5")
    return Bounce(
        outcome="failed" if is_lasting else "delayed",
        message_ids=tuple(dict.fromkeys([*_returned_ids(root), *_ID.findall(start)])),
        recipients=tuple(dict.fromkeys(each.lower() for each in whom))[:MOST],
        status=status[1] if status else "",
        diagnostic=diagnostic[:1_000],
        is_final=is_lasting,
    )


def _groups(root: Part, *kinds: str) -> Iterator[Headers]:
    """Yield the groups of fields of a report: about the message first, then of each recipient."""
    for part in root.walk():
        if part.kind in kinds:
            for group in re.split(rb"\n\r?\n", bodies.content(part))[: MOST + 1]:
                headers, _, _ = read_headers(group, 0, len(group))
                if headers.fields:
                    yield headers


def _outcome(group: Headers) -> str:
    action = group.text("action").lower().partition(" ")[0]
    if action in _OUTCOMES:
        return action
    return {"2": "delivered", "4": "delayed"}.get(group.text("status")[:1], "failed")


def _address(group: Headers) -> str:
    for name in ("original-recipient", "final-recipient"):
        if found := ADDRESS.search(group.text(name).partition(";")[2]):
            return found[0].lower()
    return ""


def _diagnostic(words: str) -> str:
    kind, mark, rest = words.partition(";")
    return (rest if mark and len(kind) < 20 else words).strip()[:1_000]


def _returned_ids(root: Part) -> tuple[str, ...]:
    """Return the message ids of the mail, or of its headers, that a report gives back."""
    found: list[str] = []
    for part in root.walk():
        if part.kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            raw = bodies.content(part)
            headers, _, _ = read_headers(raw, 0, len(raw))
            found += re.findall(r"<([^<>\s]{1,900})>", headers.text("message-id"))
    return tuple(dict.fromkeys(found))
