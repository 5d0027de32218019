"""What an alert says: the number of the case, what is owed, by when, which clause, and a link. Nothing personal."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading.titles import duty_title
from ombud.interface.lists import listed, set_apart
from ombud.notices.alerts.models import Way
from ombud.notices.models import Notice
from ombud.notices.reading import sentence
from ombud.notices.staffing import href_of
from ombud.organisation.models import words
from ombud.worktime.ending import ending

LINES = 20  # notices of one message
_Kind = Notice.Kind
OPENINGS = "openings"

#: What people choose from: kinds of notices that belong together.
TOPICS: Final[Mapping[str, tuple[str | Promise, tuple[str, ...]]]] = {
    "acts": (gettext_lazy("What was done on my cases, and what I am to do now"), (_Kind.ACT, _Kind.DRAFT)),
    OPENINGS: (gettext_lazy("Duties of an hour or less, as soon as they open"), (_Kind.OPENED,)),
    "warnings": (gettext_lazy("Duties that are due soon"), (_Kind.WARNING,)),
    "breaches": (gettext_lazy("Duties that are overdue"), (_Kind.BREACH,)),
    "times": (gettext_lazy("Due times that moved or are provisional"), (_Kind.DUE_MOVED, _Kind.PROVISIONAL)),
    "refusals": (
        gettext_lazy("What could not be done, or reached nobody"),
        (_Kind.REFUSED, _Kind.UNDELIVERED, _Kind.NOT_MAILED),
    ),
    "messages": (gettext_lazy("Messages that came in on my cases"), (_Kind.MESSAGE,)),
    "reminders": (gettext_lazy("Colleagues' reminders"), (_Kind.REMINDER,)),
    "others": (
        gettext_lazy("Anything else"),
        (
            _Kind.ALARM,
            _Kind.INFECTED,
            _Kind.UNMASKED,
            _Kind.SWITCHED_OFF,
            _Kind.EXPORT,
            _Kind.TRAINING,
            _Kind.CONFIDENTIAL,
            _Kind.UNATTENDED,
            _Kind.ON_SHIFT,
            _Kind.SHIFT_OVER,
            _Kind.ROTA_GAP,
            _Kind.DEPUTY,
            _Kind.LIMITS,
            _Kind.EXCHANGE,
            _Kind.OBJECTION,
            _Kind.LEAVER,
            _Kind.REPORT,
            _Kind.OTHER,
        ),
    ),
}
_TOPIC_OF = {kind: topic for topic, (_title, kinds) in TOPICS.items() for kind in kinds}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One message."""

    title: str
    body: str

    def cut(self, longest: int) -> Said:
        """Return the message in at most so many bytes; the last paragraphs go first, the title counts them still."""
        room = longest - len(f"{self.title}\n".encode())
        kept = self.body.split("\n\n")
        while len(kept) > 1 and len("\n\n".join(kept).encode()) > room:
            kept.pop()
        return replace(self, body="\n\n".join(kept).encode()[:room].decode(errors="ignore"))


def topic_of(notice: Notice) -> str:
    """Return what the notice counts as where people choose."""
    return _TOPIC_OF[notice.kind]


def compose(way: Way, notices: Sequence[Notice], owed: Mapping[int, Duty]) -> Said:
    """Return what is said of these notices in the way's language and zone; `owed` is what the reader owes, by case."""
    with translation.override(way.language), timezone.override(ZoneInfo(way.tz)):
        parts = [_part(row, owed.get(row.case_id or 0)) for row in notices[:LINES]]
        if (left := len(notices) - LINES) > 0:
            more = ngettext("and {n} more: {link}", "and {n} more: {link}", left)
            parts.append(more.format(n=left, link=f"{settings.OMBUD_BASE_URL}/desk/notices/"))
        return Said(title=_title(notices), body="\n\n".join(parts))


def trial(way: Way) -> Said:
    """Return a message to try a way with."""
    with translation.override(way.language):
        title = _("A test from the complaint desk")
        body = _("It arrived: you are told here from now on. How you are told: {link}")
        return Said(title=title, body=body.format(link=f"{settings.OMBUD_BASE_URL}/desk/notices/ways/"))


def _title(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        said, case = sentence(notices[0], is_named=False), notices[0].case
        return said if case is None else f"{said} \u00b7 {case.reference}"
    return ngettext("{n} notice", "{n} notices", len(notices)).format(n=len(notices))


def _part(row: Notice, duty: Duty | None) -> str:
    if row.case is None:
        return f"{sentence(row, is_named=False)}\n{settings.OMBUD_BASE_URL}{href_of(row)}"
    said = [f"{row.case.reference} \u00b7 {sentence(row, is_named=False)}"]
    about = [_("due {time}").format(time=moment(row.due_at))] if row.due_at else []
    if row.clauses:
        about.append(_("clause {clauses}").format(clauses=listed(row.clauses)))
    said += [set_apart(about)] if about else []
    if duty is not None and (duty.duty, duty.instance) != (row.duty, row.instance):
        said.append(_owed(duty))
    said.append(f"{settings.OMBUD_BASE_URL}/desk/cases/{row.case.reference}/")
    return "\n".join(said)


def _owed(duty: Duty) -> str:
    title = words(dict(duty_title(program_of(duty.case), duty.duty)))
    if duty.due_at is None:
        return _("You owe: {duty}").format(duty=title)
    return _("You owe: {duty}, due {time}").format(duty=title, time=moment(duty.due_at))


def moment(instant: datetime) -> str:
    """Return an instant in the zone of the way, with its distance from UTC: who reads it may be on a journey."""
    at = timezone.localtime(instant)
    day, clock = ending(at)
    offset = f"{at:%z}"
    zone = f"UTC{offset[0]}{int(offset[1:3])}" + (f":{offset[3:5]}" if offset[3:5] != "00" else "")
    return f"{day:%Y-%m-%d} {clock} ({zone})"


def titles(topics: Collection[str]) -> list[str]:
    """Return the words for topics, in their own order."""
    if set(topics) >= TOPICS.keys():
        return [_("Everything")]
    return [str(title) for topic, (title, _kinds) in TOPICS.items() if topic in topics]
