"""Absence: who is away from when until when, and who stands in for them meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Absence(models.Model):
    """Somebody is away on these days, both of them included; the instants are those days in their own time zone."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name=_("person")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))  # from here on they are back; where it was ended early, that instant
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField(_("entered at"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )  # fmt: skip

    class Meta:
        db_table = "organisation_absence"
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        indexes: ClassVar[list[models.Index]] = [
            # standing_in.list_of: who is away now, and soon.
            models.Index(fields=["ends_at"], name="absence_ends"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="absence_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.first_day} - {self.last_day}"

    def is_running(self, now: datetime) -> bool:
        """Return whether the person is away at this instant."""
        return self.starts_at <= now < self.ends_at


class Deputy(models.Model):
    """Who stands in for somebody who is away: in one of their roles, or in all that they hold under policies."""

    absence = models.ForeignKey(Absence, models.PROTECT, related_name="deputies", verbose_name=_("absence"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="stands_in", verbose_name=_("deputy")
    )
    policy = models.CharField(_("policy"), max_length=100, blank=True)  # with the role empty: in all of them
    role = models.CharField(_("role"), max_length=100, blank=True)

    class Meta:
        db_table = "organisation_deputy"
        verbose_name = _("deputy")
        verbose_name_plural = _("deputies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # One deputy a role, so that it is plain whom its duties go to.
            models.UniqueConstraint(fields=["absence", "policy", "role"], name="deputy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.policy}/{self.role}"
