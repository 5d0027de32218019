"""Promise limits: how much whoever acts for us may promise or grant, by policy; each table stays as it was proposed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CeilingTable(models.Model):
    """All promise limits under a policy from a day on, which one person proposes and another lets apply."""

    class Verdict(models.TextChoices):
        ENTERED = "entered", _("in force")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    policy = models.CharField(_("policy"), max_length=100)
    since = models.DateField(_("from this day on"))
    # A list of {"role", "department", "person", "amount", "currency"}: see ceiling_tables.Entry.
    entries = models.JSONField(_("limits"))
    reason = models.CharField(_("reason"), max_length=500)
    proposed_by = models.ForeignKey(
        "organisation.Person", models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)
    because = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        "organisation.Person", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        db_table = "organisation_ceilingtable"
        verbose_name = _("table of promise limits")
        verbose_name_plural = _("tables of promise limits")
        indexes: ClassVar[list[models.Index]] = [
            # ceiling_tables.in_force: asked at every act that promises an amount.
            models.Index(fields=["policy", "-since"], condition=Q(verdict="entered"), name="ceilings_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.since}"
