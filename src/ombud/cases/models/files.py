"""Rows of files: what somebody sent, the bytes of it, and what is still on its way."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models.register import Case


class Content(models.Model):
    """The bytes of files, sealed in storage under a key of their own; equal ones are one row."""

    class Verdict(models.TextChoices):
        CLEAN = "clean", _("clean")
        INFECTED = "infected", _("infected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(_("keyed hash"), max_length=64, blank=True)  # empty: taken over from before
    size = models.BigIntegerField(_("size"))
    key = models.BinaryField(_("wrapped key"))  # by the master key; empty: in clear, from before
    stored_as = models.CharField(_("stored as"), max_length=200)
    uses = models.PositiveIntegerField(_("files that have it"))
    made_at = models.DateTimeField(_("kept since"))
    # [name in storage, size] of what is shown of it, the small picture first; by evidence.views, once it looked.
    views = models.JSONField(_("what is shown of it"), default=list)
    viewed_at = models.DateTimeField(_("looked at for views"), null=True)
    verdict = models.CharField(_("what the scanner said"), max_length=10, choices=Verdict, blank=True)
    malware = models.CharField(_("what it found"), max_length=200, blank=True)
    # Set where it could not be opened or the scanner did not take it: others come first.
    scan_after = models.DateTimeField(_("not scanned before"), null=True)

    class Meta:
        verbose_name = _("content of files")
        verbose_name_plural = _("contents of files")
        constraints = [
            # contents.keep: equal bytes are kept once, as long as a file has them.
            models.UniqueConstraint(fields=["digest"], condition=Q(uses__gt=0) & ~Q(digest=""), name="content_once"),
        ]
        indexes = [
            # contents.remove_unused: what nobody has any more.
            models.Index(fields=["made_at"], condition=Q(uses=0), name="content_unused"),
            # views.make_missing: what nobody looked at yet.
            models.Index(fields=["made_at"], condition=Q(viewed_at__isnull=True), name="content_not_viewed"),
            # infected.tell_infected: what nobody gets.
            models.Index(fields=["made_at"], condition=Q(verdict="infected"), name="content_infected"),
            # scanning.scan: what the scanner has said nothing of.
            models.Index(fields=["made_at"], condition=Q(verdict=""), name="content_not_scanned"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Attachment(models.Model):
    """A file that somebody sent; nobody's until an act names it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="attachments")
    linked_seq = models.PositiveIntegerField(_("linked by event"), null=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.BigIntegerField(_("size"))
    media_type = models.CharField(_("type"), max_length=100)
    content = models.ForeignKey(Content, models.PROTECT, null=True, related_name="files")  # none: erased
    name = models.JSONField(_("name, sealed"), default=dict)
    uploaded_by = models.CharField(_("uploaded by"), max_length=100)  # whose upload: only they may link it
    uploaded_at = models.DateTimeField(_("uploaded at"))
    # Whether the complainant sees it; nothing where that follows from the event: their own, and from before.
    is_open = models.BooleanField(_("the complainant sees it"), null=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            # clock.tidy: uploads that no act ever named.
            models.Index(fields=["uploaded_at"], condition=Q(case__isnull=True), name="attachment_unlinked"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PartialUpload(models.Model):
    """A file on its way, part by part; what has come lies sealed until the rest does, or its time is over."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(_("uploaded by"), max_length=100)
    name = models.JSONField(_("name, sealed"), default=dict)
    length = models.BigIntegerField(_("size"))
    offset = models.BigIntegerField(_("of which have come"), default=0)
    parts = models.JSONField(_("parts"), default=list)  # [name in storage, size], under keys derived from their names
    expires_at = models.DateTimeField(_("expires at"))
    attachment = models.ForeignKey(Attachment, models.CASCADE, null=True, related_name="+")  # once it is whole

    class Meta:
        verbose_name = _("partial upload")
        verbose_name_plural = _("partial uploads")
        indexes = [
            # partial_uploads.expire: those whose time is over.
            models.Index(fields=["expires_at"], name="partial_upload_expiry"),
        ]

    def __str__(self) -> str:
        return str(self.id)
