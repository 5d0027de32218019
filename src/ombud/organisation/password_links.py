"""Links by which people set their password: asked for on a page, or sent as an invitation; the clock mails them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from ombud.organisation.models import Person
from ombud.organisation.password_mail import PasswordLink

AGAIN = timedelta(minutes=10)  # within which another one asked for is the same


def ask(person: Person, *, by: Person | None, now: datetime) -> PasswordLink:
    """Have a link sent to somebody; one that waits, or was sent a moment ago because they asked, is taken for it."""
    if by is None:
        lately = PasswordLink.objects.filter(person=person, asked_at__gt=now - AGAIN).first()
        if lately is not None:
            return lately
    link, _is_new = PasswordLink.objects.update_or_create(
        person=person,
        sent_at=None,
        defaults={
            "is_invitation": not person.has_usable_password(),
            "asked_at": now,
            "asked_by": by,
            "available_at": now,
            "attempts": 0,
            "answer": "",
        },
    )
    return link


def address(person: Person) -> str:
    """Return the path that lets them set their password: once, and for as many days as the settings say."""
    key, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    return f"{settings.OMBUD_BASE_URL}/desk/password/{key}/{token}/"
