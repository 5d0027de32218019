"""Daily roots by mail: to addresses outside, so that whoever has the database cannot make others in their place."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from ombud.cases.keeping import daily_roots, verifications
from ombud.cases.models import DailyRoot
from ombud.notices.alerts import post
from ombud.notices.models import RootMail, RootReceiver
from ombud.organisation import company
from ombud.organisation.models import Change, Person, words
from ombud.policy.plain_text import plain

log = logging.getLogger(__name__)

CHANGE = "root receiver"  # the kind of its lines among the changes
MOST = 20  # receivers
PAUSES = (5, 15, 60, 180, 360)  # minutes until it is tried again
FILE = "daily-roots.jsonl"


class RootMailError(Exception):
    """Nobody was added; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # address, name, known, many


def receivers() -> list[RootReceiver]:
    """Return who gets the roots now."""
    return list(RootReceiver.objects.filter(ended_at=None).select_related("added_by").order_by("pk"))


def add(*, email: str, name: str, language: str, by: Person, now: datetime) -> RootReceiver:
    """Let somebody get every root from now on. Raises RootMailError."""
    email, name = email.strip().lower(), plain(name)[:120].strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise RootMailError("address") from error
    if not name:
        raise RootMailError("name")
    if RootReceiver.objects.filter(ended_at=None).count() >= MOST:
        raise RootMailError("many")
    try:
        with transaction.atomic():
            row = RootReceiver.objects.create(email=email, name=name, language=language, added_by=by, added_at=now)
            content = {"email": email, "name": name, "language": language}
            Change.objects.create(kind=CHANGE, key=str(row.pk), content=content, by=by, at=now)
    except IntegrityError as error:
        raise RootMailError("known") from error
    return row


def end(row: RootReceiver, *, by: Person, now: datetime) -> None:
    """Let somebody get no more roots; what they were sent stays on record."""
    with transaction.atomic():
        if RootReceiver.objects.filter(pk=row.pk, ended_at=None).update(ended_at=now, ended_by=by):
            Change.objects.create(kind=CHANGE, key=str(row.pk), content=None, by=by, at=now)


def latest(number: int = 20) -> list[RootMail]:
    """Return the mails of the last roots, newest first."""
    return list(RootMail.objects.select_related("root", "receiver").order_by("-root__number", "-id")[:number])


def send(*, now: datetime) -> int:
    """Send the newest root, and those before it that somebody lacks, to everybody who gets them; return how many."""
    root = DailyRoot.objects.order_by("-number").first()
    if root is None:
        return 0
    sent = 0
    for receiver in receivers():
        row, _is_new = RootMail.objects.get_or_create(root=root, receiver=receiver)
        pause = timedelta(minutes=PAUSES[min(row.attempts, len(PAUSES) - 1)])
        # Whoever puts the next attempt off has this one.
        mine = RootMail.objects.filter(pk=row.pk, attempts=row.attempts, sent_at=None)
        if row.sent_at or (row.again_at and row.again_at > now):
            continue
        if mine.update(attempts=F("attempts") + 1, again_at=now + pause):
            sent += _deliver(row, now)
    return sent


def _deliver(row: RootMail, now: datetime) -> int:
    try:
        _mail(row)
    except Exception as error:  # whatever the server says: it is tried again
        log.warning("daily root %s is not mailed: %s", row.root.number, type(error).__name__)
        RootMail.objects.filter(pk=row.pk).update(failure=type(error).__name__)
        return 0
    RootMail.objects.filter(pk=row.pk).update(sent_at=now, failure="")
    return 1


def _mail(row: RootMail) -> None:
    way = post.post()
    if way is None:
        raise NoPost
    before = RootMail.objects.filter(receiver=row.receiver, sent_at__isnull=False).order_by("-root__number")
    had = before.values_list("root__number", flat=True).first() or 0
    lines = [line for line in daily_roots.export() if had < json.loads(line)["number"] <= row.root.number]
    with translation.override(row.receiver.language):
        subject, body = _words(row)
    headers = {"Auto-Submitted": "auto-generated"}
    mail = EmailMessage(subject, body, way.sender, [row.receiver.email], headers=headers, connection=way.connect())
    mail.attach(FILE, "".join(f"{line}\n" for line in lines), "application/json")
    mail.send()


class NoPost(Exception):
    """There is no way out for mail to staff."""


def _words(row: RootMail) -> tuple[str, str]:
    last = verifications.latest()
    values = {
        "house": words(company.house().names) or "Ombud",
        "number": row.root.number,
        "day": f"{row.root.made_on:%Y-%m-%d}",
        "root": row.root.root,
        "file": FILE,
        "page": f"{settings.OMBUD_BASE_URL}/desk/proof/",
    }
    said = _(
        "Daily root {number} of {day} over all complaints of {house}:\n\n{root}\n\nKeep this mail. The file {file} has"
        " the roots since the last mail; put behind one another, they are what ombud verify --roots"
        " compares with. A complaint that is rewritten or taken away later does not fit them any more.\n"
    ).format(**values)
    if last is not None and last.finished_at is not None:
        told = _("Everything was verified last on {day}: {n} things did not match.\n")
        said += "\n" + told.format(day=f"{last.finished_at:%Y-%m-%d}", n=last.problems)
    return _("{house}: daily root {number} of {day}").format(**values), said + f"\n{values['page']}\n"
