"""Mails people what happened to how they sign in, beside the clock's ticks: whoever did it may not have been them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from ombud.notices.alerts import post
from ombud.notices.alerts.passwords import ATTEMPTS, LEASE, REST, NoPost
from ombud.organisation import company
from ombud.organisation.models import words
from ombud.signin.models import Happening

log = logging.getLogger(__name__)

AT_ONCE = 4
WORTH = timedelta(days=2)  # how long after it happened it is still worth a mail


def send(*, now: datetime) -> int:
    """Send what waits and return how much was tried."""
    waiting = Happening.objects.filter(
        sent_at=None, available_at__lte=now, attempts__lt=ATTEMPTS, at__gt=now - WORTH, person__is_active=True
    )
    tried = 0
    for pk, attempts in waiting.order_by("available_at", "id").values_list("pk", "attempts")[:AT_ONCE]:
        claimed = Happening.objects.filter(pk=pk, attempts=attempts, sent_at=None)
        if claimed.update(available_at=now + max(LEASE, REST * 2**attempts), attempts=F("attempts") + 1):
            _deliver(pk, now)
            tried += 1
    return tried


def _deliver(pk: int, now: datetime) -> None:
    happening = Happening.objects.select_related("person", "by").get(pk=pk)
    try:
        _mail(happening)
    except Exception as error:  # whatever the server says: it is tried again
        log.warning("happening %s: %s", pk, type(error).__name__)
    else:
        Happening.objects.filter(pk=pk).update(sent_at=now)


def _mail(happening: Happening) -> None:
    way = post.post()
    if way is None:
        raise NoPost
    person = happening.person
    with translation.override(person.reads):
        subject, body = _words(happening)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(subject, body, way.sender, [person.email], headers=headers, connection=way.connect()).send()


def _words(happening: Happening) -> tuple[str, str]:
    values = {
        "house": words(company.house().names) or "Ombud",
        "person": str(happening.person),
        "what": happening.get_kind_display() + (f" ({happening.about})" if happening.about else ""),
        "by": str(happening.by or ""),
        "page": f"{settings.OMBUD_BASE_URL}/desk/sessions/",
    }
    subject = _("{house}: something changed at your sign-in").format(**values)
    if happening.by_id in (None, happening.person_id):
        said = _(
            "{person},\n\nat your account of the complaint desk of {house}: {what}. If this was not you, change your"
            " password and tell an administrator. Where you are signed in stands here:\n\n{page}\n"
        )
    else:
        said = _(
            "{person},\n\nat your account of the complaint desk of {house}: {what}; it was {by}. If you did not ask for"
            " it, tell them. Where you are signed in stands here:\n\n{page}\n"
        )
    return subject, said.format(**values)
