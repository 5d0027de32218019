"""Links by which people set their password: asked for on a page, or sent as an invitation; the clock mails them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import models
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:  # the models import this one
    from ombud.organisation.models import Person

AGAIN = timedelta(minutes=10)  # within which another one asked for is the same


class PasswordLink(models.Model):
    """A mail with such a link that is to go to somebody, or went. The link itself is made when it is sent."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_links", verbose_name=_("person")
    )
    is_invitation = models.BooleanField(_("an invitation"), default=False)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )  # empty: on the page, by anybody
    available_at = models.DateTimeField(_("available at"))  # when it is sent, or tried again
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    answer = models.CharField(_("what the mail server said"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("password link")
        verbose_name_plural = _("password links")
        constraints = (
            # ask: twice is once, while it waits.
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(sent_at__isnull=True), name="password_link_once"
            ),
        )
        indexes = (
            # passwords.send: what waits.
            models.Index(fields=["available_at"], condition=models.Q(sent_at__isnull=True), name="password_link_waits"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.asked_at:%F %T}"


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
