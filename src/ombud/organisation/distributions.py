"""Distribution: whether what comes in for a role under a policy is given out, and how."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Distribution(models.Model):
    """What comes in for a role is given to one of those who hold it; without a row everybody takes for themselves."""

    class Way(models.TextChoices):
        ROUND_ROBIN = "round_robin", _("in turn, one after another")
        BY_LOAD = "by_load", _("to whoever has the fewest open cases")
        BY_SKILL = "by_skill", _("to whoever speaks the language and knows the kind of complaint")

    policy = models.CharField(_("policy"), max_length=100)
    role = models.CharField(_("role"), max_length=100)
    way = models.CharField(_("way"), max_length=20, choices=Way)

    class Meta:
        db_table = "organisation_distribution"
        verbose_name = _("distribution")
        verbose_name_plural = _("distributions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["policy", "role"], name="distribution_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}/{self.role} {self.way}"
