"""Training that was held: what, when, by whom, and who took part."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TrainingSession(models.Model):
    """A course that was held on a day."""

    policy = models.CharField(_("policy"), max_length=100)
    course = models.CharField(_("course"), max_length=100)
    held_on = models.DateField(_("held on"))
    contents = models.TextField(_("contents"))
    trainer = models.CharField(_("trainer"), max_length=200)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    cancelled_at = models.DateTimeField(_("taken back at"), null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )  # fmt: skip
    cancelled_because = models.CharField(_("why it was taken back"), max_length=500, blank=True)

    class Meta:
        db_table = "organisation_trainingsession"
        verbose_name = _("training session")
        verbose_name_plural = _("training sessions")
        indexes: ClassVar[list[models.Index]] = [
            # courses.sessions: of a policy, recorded last first; courses.standing: of a course since a day.
            models.Index(fields=["policy", "-id"], name="session_policy"),
            models.Index(fields=["policy", "course", "held_on"], condition=Q(cancelled_at=None), name="session_course"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}/{self.course} {self.held_on}"


class Attendance(models.Model):
    """Somebody took part in a session."""

    session = models.ForeignKey(TrainingSession, models.PROTECT, related_name="attendances")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="attendances")

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Nobody is there twice.
            models.UniqueConstraint(fields=["session", "person"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.person_id}"
