"""Mails the links by which people set their password, beside the clock's ticks: a mail server may hang."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from ombud.notices.alerts import post
from ombud.organisation import company, password_links
from ombud.organisation.models import Person, words
from ombud.organisation.password_mail import PasswordLink
from ombud.privacy.masking import mask_text

log = logging.getLogger(__name__)

ATTEMPTS = 8  # over four hours
REST = timedelta(minutes=2)
LEASE = timedelta(minutes=3)  # longer than any call lasts
AT_ONCE = 4
KEPT = timedelta(days=90)


def send(*, now: datetime) -> int:
    """Send what waits and return how much was tried."""
    waiting = PasswordLink.objects.filter(sent_at=None, available_at__lte=now, attempts__lt=ATTEMPTS)
    tried = 0
    for pk, attempts in waiting.order_by("available_at").values_list("pk", "attempts")[:AT_ONCE]:
        claimed = PasswordLink.objects.filter(pk=pk, attempts=attempts, sent_at=None)
        if claimed.update(available_at=now + max(LEASE, REST * 2**attempts), attempts=F("attempts") + 1):
            deliver(pk, now=now)
            tried += 1
    return tried


def tidy(*, now: datetime) -> int:
    """Remove what was asked for long ago and return how much."""
    return PasswordLink.objects.filter(asked_at__lt=now - KEPT).delete()[0]


def deliver(pk: int, *, now: datetime) -> None:
    """Send one, and note what came of it."""
    link = PasswordLink.objects.select_related("person").filter(pk=pk, person__is_active=True).first()
    if link is None:
        return
    try:
        _mail(link)
    except NoPost:
        PasswordLink.objects.filter(pk=pk).update(answer=NO_POST)
    except Exception as error:  # whatever the server says: it is tried again
        log.warning("password link %s: %s", pk, type(error).__name__)
        PasswordLink.objects.filter(pk=pk).update(answer=mask_text(f"{type(error).__name__}: {error}")[:300])
    else:
        PasswordLink.objects.filter(pk=pk).update(sent_at=now, answer="")


NO_POST = "no-post"  # as the answer that is kept: told in the reader's words


class NoPost(Exception):
    """No mail server is set up."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def _mail(link: PasswordLink) -> None:
    way = post.post()
    if way is None:
        raise NoPost
    person = link.person
    with translation.override(person.reads):
        subject, body = _words(link, person)
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(subject, body, way.sender, [person.email], headers=headers, connection=way.connect()).send()


def _words(link: PasswordLink, person: Person) -> tuple[str, str]:
    house = words(company.house().names) or "Ombud"
    values = {
        "house": house,
        "person": str(person),
        "username": person.username,
        "link": password_links.address(person),
    }
    if link.is_invitation:
        return _("{house}: your account at the complaint desk").format(**values), _(
            "{person},\n\nan account was made for you at the complaint desk of {house}. Your user name is {username}."
            " Choose your password here; the link works once, for three days:\n\n{link}\n"
        ).format(**values)
    return _("{house}: a new password for the complaint desk").format(**values), _(
        "{person},\n\na new password was asked for, for your account {username} at the complaint desk of {house}."
        " Choose it here; the link works once, for three days:\n\n{link}\n\nIf you did not ask for it, do nothing:"
        " your password stays as it is.\n"
    ).format(**values)
