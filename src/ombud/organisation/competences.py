"""Competences: which languages people speak, and which kinds of complaint they know; cases are given out by them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Competence(models.Model):
    """Somebody speaks a language, or knows one kind of complaint of a policy."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", _("language")
        CATEGORY = "category", _("kind of complaint")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="competences", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    policy = models.CharField(_("policy"), max_length=100, blank=True)  # of a kind of complaint
    value = models.CharField(_("value"), max_length=100)  # a language tag, or what the policy's category may be

    class Meta:
        db_table = "organisation_competence"
        verbose_name = _("competence")
        verbose_name_plural = _("competences")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "kind", "policy", "value"], name="competence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.value}"
