"""Model cases; their words name nobody, which is looked at before each is kept."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case


class ModelCase(models.Model):
    """A closed case retold for others to learn from."""

    class Kind(models.TextChoices):
        GOOD = "good", _("good example")
        BAD = "bad", _("bad example")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("waits for approval")
        PUBLISHED = "published", _("published")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.CharField(_("policy"), max_length=100)
    case = models.ForeignKey(Case, models.PROTECT, related_name="model_cases", verbose_name=_("case"), db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    cause = models.CharField(_("cause"), max_length=100, blank=True)  # as the case stated it when it was chosen
    title = models.CharField(_("title"), max_length=200)
    story = models.TextField(_("what happened"))
    lesson = models.TextField(_("what is learnt from it"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PROPOSED)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField(_("written at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    because = models.CharField(_("reason"), max_length=500, blank=True)  # why it was declined or withdrawn

    class Meta:
        db_table = "insight_model_case"
        verbose_name = _("model case")
        verbose_name_plural = _("model cases")
        constraints = [
            # choosing.propose: a case is told once, unless that was declined or withdrawn.
            models.UniqueConstraint(
                fields=["case"], condition=Q(status__in=["proposed", "published"]), name="model_case_once"
            ),
        ]
        indexes = [
            # reading.listed: a policy's, newest first.
            models.Index(fields=["policy", "status", "-written_at", "-id"], name="model_case_policy"),
        ]

    def __str__(self) -> str:
        return self.title
