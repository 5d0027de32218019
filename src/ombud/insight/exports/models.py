"""Who took which list along: asked for, made, fetched; the row stays when the file is gone."""

from __future__ import annotations

import uuid
from typing import NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """One list as somebody asked for it, in their words and zone; the file is kept for a day, this for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(  # null: nobody in particular, at the command line
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    what = models.CharField(_("list"), max_length=40)
    query = models.JSONField(_("narrowed by"), default=dict)  # words that were searched for only until it is made
    format = models.CharField(_("format"), max_length=10)
    language = models.CharField(_("language"), max_length=16, blank=True)
    zone = models.CharField(_("zone"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)  # of one with personal data at the command line
    asked_at = models.DateTimeField(_("asked at"))
    rows = models.PositiveIntegerField(_("rows"), default=0)  # written so far
    done_at = models.DateTimeField(_("done at"), null=True)
    taken_at = models.DateTimeField(_("first fetched at"), null=True)
    standing = models.CharField(_("what its reader was when it was made"), max_length=64, blank=True)
    stored = models.CharField(_("stored as"), max_length=200, blank=True)
    size = models.BigIntegerField(_("size"), default=0)
    is_too_long = models.BooleanField(_("longer than a list may be"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            # asking.of_person: somebody's own, newest first.
            models.Index(fields=["person", "-asked_at", "-id"], name="export_of_person"),
            # asking.everybodys: all, newest first; making.tidy: made before a day.
            models.Index(fields=["-asked_at", "-id"], name="export_newest"),
            # making.make_waiting: what is not made yet.
            models.Index(fields=["asked_at"], condition=models.Q(done_at__isnull=True), name="export_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.asked_at:%F %T}"

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("Who took what along stays on record.")
