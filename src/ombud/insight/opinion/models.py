"""Mentions of the company in public; their words are sealed, since they may name somebody."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case


class Mention(models.Model):
    """Something said in public: where, how, to how many, and the case that it is about."""

    class Tone(models.TextChoices):
        NEGATIVE = "negative", _("negative")
        NEUTRAL = "neutral", _("neutral")
        POSITIVE = "positive", _("positive")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.CharField(_("policy"), max_length=100)
    medium = models.CharField(_("medium"), max_length=100)  # the platform, paper or site
    link = models.URLField(_("link"), max_length=1000, blank=True)
    sealed = models.JSONField(_("words, sealed"), default=dict)
    tone = models.CharField(_("tone"), max_length=10, choices=Tone)
    reach = models.PositiveIntegerField(_("reach"), null=True)  # how many it reached, as the platform counts
    published_at = models.DateTimeField(_("published at"))
    at = models.DateTimeField(_("recorded at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(_("key at the other system"), max_length=200, null=True)  # noqa: DJ001  # null: typed in
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="mentions", verbose_name=_("case"))

    class Meta:
        db_table = "insight_mention"
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [
            # What a system tells twice is one mention; those typed in have no key, and nulls are distinct.
            models.UniqueConstraint(fields=["policy", "source"], name="mention_told_once"),
        ]
        indexes = [
            # mentions.listed: a policy's, newest first; mentions.weeks; the early warning.
            models.Index(fields=["policy", "-published_at", "-id"], name="mention_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.medium} {self.published_at:%F}"
