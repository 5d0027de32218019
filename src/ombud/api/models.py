"""Who may call: personal tokens, kept as HMACs, and public intake keys that can only file."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A secret by which a program calls as a person; only its HMAC is kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=120)
    digest = models.CharField(_("HMAC of the token"), max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)  # read, act, intake
    policy = models.CharField(_("policy"), max_length=100, blank=True, default="")  # the only one; empty: all
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True)  # to the minute
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class IntakeKey(models.Model):
    """A key that stands in a public page or app: whoever has it may file under one policy, by one channel."""

    key = models.CharField(_("key"), max_length=60, unique=True)  # no secret, so it is kept as it is
    name = models.CharField(_("name"), max_length=120)
    policy = models.CharField(_("policy"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100)
    per_address = models.PositiveIntegerField(_("calls an hour from one address"), default=20)
    per_hour = models.PositiveIntegerField(_("calls an hour"), default=600)
    created_at = models.DateTimeField(_("created at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("intake key")
        verbose_name_plural = _("intake keys")

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"
