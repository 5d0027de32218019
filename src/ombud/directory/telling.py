"""Mails administrators where a directory waits for them: too many would leave, or it could not be read for long."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from ombud.directory.models import Reading
from ombud.directory.planning import LEAVE
from ombud.notices.alerts import post
from ombud.organisation import company
from ombud.organisation.models import ADMINISTRATOR, Person, words

log = logging.getLogger(__name__)

OFTEN = 3  # failures in a row of which administrators are told
_State = Reading.State


def tell(*, now: datetime) -> int:
    """Mail what was not told yet, and return of how many readings that was; the pages say it too."""
    failed = Q(state=_State.FAILED)
    waits = Q(state=_State.HELD) | Q(state=_State.PLANNED, asked_by=None)
    rows = Reading.objects.select_related("directory").filter(failed | waits, told_at=None)
    told = 0
    for reading in rows:
        if Reading.objects.filter(pk=reading.pk, told_at=None).update(told_at=now):
            _mail(reading)
            told += 1
    return told


def _mail(reading: Reading) -> None:
    way = post.post()
    if way is None:
        return
    held = Person.objects.filter(memberships__policy="", memberships__role=ADMINISTRATOR, is_active=True)
    for person in held.exclude(email="").distinct():
        with translation.override(person.language or None):
            subject, body = _words(reading, person)
        headers = {"Auto-Submitted": "auto-generated"}
        try:
            EmailMessage(subject, body, way.sender, [person.email], headers=headers, connection=way.connect()).send()
        except Exception as error:  # whatever the server says: the page says it too
            log.warning("reading %s: %s", reading.pk, type(error).__name__)


def _words(reading: Reading, person: Person) -> tuple[str, str]:
    values = {
        "house": words(company.house().names) or "Ombud",
        "person": str(person),
        "directory": reading.directory.name,
        "number": reading.counts.get(LEAVE, 0),
        "page": f"{settings.OMBUD_BASE_URL}/desk/directories/{reading.directory_id}/",
    }
    if reading.state == _State.FAILED:
        subject = _("{house}: the directory {directory} cannot be read")
        body = _(
            "{person},\n\nthe directory {directory} could not be read three times in a row. Why stands here:"
            "\n\n{page}\n"
        )
    elif reading.state == _State.HELD:
        subject = _("{house}: the directory {directory} waits for you")
        body = _(
            "{person},\n\nthe directory {directory} was read, and {number} would lose their access: more than may"
            " unasked. Nothing was changed. Look at it and decide here:\n\n{page}\n"
        )
    else:
        subject = _("{house}: the directory {directory} waits for you")
        body = _(
            "{person},\n\nthe directory {directory} was read for the first time. Nothing was changed: look at what"
            " would change, and decide here:\n\n{page}\n"
        )
    return subject.format(**values), body.format(**values)
