"""What was said on a case, for its file: each message in words, and its files as they came or went."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.correspondence import enclosures, struck, taking_in, talks, ways_back, wording
from ombud.correspondence.conversation import Said
from ombud.correspondence.models import Message
from ombud.interface.days import whole_day
from ombud.interface.lists import told_of
from ombud.papers.case_file import Evidence, Wrote
from ombud.privacy.keys import key_of
from ombud.worktime.ending import ending


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidFile:
    """A file of a message: what came in is kept as a whole, with all that was attached."""

    name: str
    media_type: str
    content: bytes
    message: Message


def line(said: Said) -> Wrote:
    """Return a message in words: from or to whom, when, what became of it, which files."""
    message = said.message
    who = (_("to {who}") if message.is_out else _("from {who}")).format(who=said.who or _("nobody"))
    state = told_of(message.get_state_display(), said.failure) if said.failure else message.get_state_display()
    by = str(message.by) if message.by is not None and message.is_out else ""
    about = " \u00b7 ".join(filter(None, (message.get_way_display(), who, by, moment(message.said_at), state)))
    files = ", ".join(each.name or _("File") for each in said.files)
    below = (
        _("Files: {names}").format(names=files) if files else "",
        _("Sent as the template {template}").format(template=said.template) if said.template else "",
    )
    return Wrote(
        title=said.subject or _("Without a subject"),
        about="\n".join([about, *filter(None, below)]),
        body="" if message.letter_id is not None else said.text,
        apart=tuple(_apart(said)),
    )


def _apart(said: Said) -> Iterator[tuple[str, str]]:
    """Yield what was told apart from the words of a mail that came in, without what opens the complaint."""
    for name, title in (("signature", _("Signature")), ("quoted", _("What it quotes"))):
        if kept := ways_back.without_token(str(said.apart.get(name) or "")):
            yield title, kept


def files_of(accessed: Accessed, said: Iterable[Said]) -> Iterator[SaidFile]:
    """Yield the files of these messages, one message opened at a time; what is not in the storage is left out."""
    key = key_of(accessed.case.complainant)
    for each in said:
        message = each.message
        if key is None or not message.stored_as:
            continue
        try:
            if not message.is_out:
                yield _as_it_came(message)
            if message.is_out or message.way in talks.WAYS:
                known: Sequence[dict[str, object]] = wording.part(message, wording.FILES) or ()
                for file in enclosures.enclosed(message, key, known):
                    yield SaidFile(name=file.name, media_type=file.media_type, content=file.content, message=message)
        except FileNotFoundError:
            continue


def _as_it_came(message: Message) -> SaidFile:
    """Return what came in, without what opens the complaint: a mail, the recording of a call, a provider's words."""
    content = taking_in.original_of(message)
    if message.way == Message.Way.CALL:
        recorded: dict[str, object] = next(iter(wording.part(message, wording.FILES) or ()), {})
        name, kind = str(recorded.get("name", "")), str(recorded.get("type", ""))
    elif message.way in talks.WAYS:
        name, kind = f"{message.said_at:%Y%m%d}.txt", "text/plain"
        content = struck.without_token(enclosures.as_it_came(content))
    else:
        name, kind = f"{message.said_at:%Y%m%d}.eml", "message/rfc822"
        content = struck.without_token(content)
    return SaidFile(name=name, media_type=kind, content=content, message=message)


def evidence(file: SaidFile) -> Evidence:
    """Return a file of a message among the evidence."""
    message = file.message
    whence = (_("went out {time}") if message.is_out else _("came in {time}")).format(time=moment(message.said_at))
    about = " \u00b7 ".join((file.media_type, filesizeformat(len(file.content)), whence))
    return Evidence(name=file.name, about=about, sha256=hashlib.sha256(file.content).hexdigest())


def moment(instant: datetime) -> str:
    """Return an instant as case files have it, in the zone that is active."""
    at = timezone.localtime(instant)
    return f"{whole_day(at.date())} {at:%H:%M}"


def end_moment(instant: datetime) -> str:
    """Return like `moment` the instant at which something ends: midnight is 24:00 of the day that ends."""
    day, clock = ending(timezone.localtime(instant))
    return f"{whole_day(day)} {clock}"
