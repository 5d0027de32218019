"""Case files that were asked for: made by the clock, kept for a day."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case


class CaseFile(models.Model):
    """Everything of a case in one PDF, and in one ZIP with letters and evidence; in the words of who asked for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="case_files")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    language = models.CharField(_("language"), max_length=16)
    zone = models.CharField(_("zone"), max_length=64)
    # References of the person's other cases, where it is the package of a person; empty: the file of the case itself.
    others = models.JSONField(_("other cases of the person"), default=list)
    is_of_person = models.BooleanField(_("package of a person"), default=False)
    asked_at = models.DateTimeField(_("asked at"))
    progress = models.PositiveSmallIntegerField(_("progress, in percent"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True)
    pdf = models.CharField(_("PDF, stored as"), max_length=200, blank=True)
    zip = models.CharField(_("ZIP, stored as"), max_length=200, blank=True)
    size = models.BigIntegerField(_("size of the ZIP"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("leased until"), null=True)

    class Meta:
        verbose_name = _("case file")
        verbose_name_plural = _("case files")
        constraints = [
            # case_files.ask: whoever asks twice waits for the same one.
            models.UniqueConstraint(
                fields=["case", "person", "is_of_person"],
                condition=models.Q(done_at__isnull=True),
                name="case_file_once",
            ),
        ]
        indexes = [
            # case_files.latest: the newest that somebody asked for.
            models.Index(fields=["person", "case", "-asked_at"], name="case_file_of"),
            # case_files.make_waiting, tidy: what is not made yet, and what was made long ago.
            models.Index(fields=["done_at", "asked_at"], name="case_file_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.asked_at:%F %T}"
