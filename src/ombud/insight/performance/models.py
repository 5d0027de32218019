"""What people object to in their performance record, and what was answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Objection(models.Model):
    """Somebody's objection to their record of a period."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="objections", db_index=False)
    policy = models.CharField(_("policy"), max_length=100)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    words = models.TextField(_("objection"))
    at = models.DateTimeField(_("at"))
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )  # fmt: skip
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        db_table = "insight_objection"
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        indexes = [
            # objections.of: those to the records of a policy's people, newest first.
            models.Index(fields=["policy", "person", "-id"], name="objection_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.policy} {self.first}"
