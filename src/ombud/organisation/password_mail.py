"""Mails with links by which people set their password, as they wait and as they went."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
