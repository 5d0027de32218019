"""What the clock remembers: which occurrences of periodic duties it opened, and that it lives."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.organisation.models import Department, Office
from ombud.organisation.rotas import Shift


class Occurrence(models.Model):
    """One occurrence of a periodic duty, opened as a case of its own."""

    policy = models.CharField(_("policy"), max_length=100)
    periodic = models.CharField(_("periodic duty"), max_length=100)
    period = models.CharField(_("period"), max_length=20)  # 2026-11, 2026-W47, 2026-11-21, 2026-Q4, 2026-H2
    # Where each office or department has one of its own.
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", verbose_name=_("office"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, related_name="+", verbose_name=_("department")
    )
    due_at = models.DateTimeField(_("due at"))
    case = models.OneToOneField(Case, models.CASCADE, verbose_name=_("case"))

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        constraints = [
            # However many clocks run, a period opens once. Coalesce, because two nulls are distinct.
            models.UniqueConstraint(
                "policy",
                "periodic",
                "period",
                Coalesce("office", Value(0)),
                Coalesce("department", Value(0)),
                name="occurrence_of_place_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.periodic} {self.period}"


class OwedCourse(models.Model):
    """A course that one person owes in one period, opened as a case of its own."""

    policy = models.CharField(_("policy"), max_length=100)
    course = models.CharField(_("course"), max_length=100)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    case = models.OneToOneField(Case, models.CASCADE, verbose_name=_("case"))

    class Meta:
        verbose_name = _("course owed by a person")
        verbose_name_plural = _("courses owed by people")
        constraints = [
            # However many clocks run, a person owes a course once in a period.
            models.UniqueConstraint(fields=["policy", "course", "person", "first_on"], name="owed_course_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.course} {self.person_id} {self.first_on}"


class Turn(models.Model):
    """The last turn of somebody who was given cases of a role: whoever waited longest comes next."""

    policy = models.CharField(_("policy"), max_length=100)
    role = models.CharField(_("role"), max_length=100)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    number = models.PositiveBigIntegerField(_("number"))  # of all cases given in the role, this was so many

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [
            models.UniqueConstraint(fields=["policy", "role", "person"], name="turn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}/{self.role} {self.person_id}"


class Ungiven(models.Model):
    """A case that could be given to nobody when it was last tried: it stays in the pool, and this says why."""

    case = models.OneToOneField(Case, models.CASCADE, verbose_name=_("case"))
    role = models.CharField(_("role"), max_length=100)
    seq = models.PositiveIntegerField(_("at event"))  # what happened since may have changed who can have it
    passed_over = models.JSONField(_("passed over"), default=list)  # [Person.pk, why] each
    tried_at = models.DateTimeField(_("tried at"))
    rule = models.CharField(_("rule"), max_length=100, blank=True)  # of the policy; empty: the house's own setting

    class Meta:
        verbose_name = _("case given to nobody")
        verbose_name_plural = _("cases given to nobody")

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"


class Unruled(models.Model):
    """A case about which no rule of the policy says who gets it, as it stood: rotas and the house's settings decide."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="+", verbose_name=_("case"))
    seq = models.PositiveIntegerField(_("at event"))

    class Meta:
        verbose_name = _("case of no rule of distribution")
        verbose_name_plural = _("cases of no rule of distribution")

    def __str__(self) -> str:
        return f"{self.case_id} {self.seq}"


class Heartbeat(models.Model):
    """When a clock was last there and able to write; one row for all clocks."""

    name = models.CharField(_("name"), max_length=20, primary_key=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%F %T}"


class RotaGap(models.Model):
    """A shift that lacks people, of which whoever answers for the rota was told; forgotten once it is filled."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="+", verbose_name=_("shift"))
    day = models.DateField(_("day"))
    told_at = models.DateTimeField(_("told at"))

    class Meta:
        verbose_name = _("gap in a rota")
        verbose_name_plural = _("gaps in rotas")
        constraints = [
            models.UniqueConstraint(fields=["shift", "day"], name="rota_gap_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.day}"


class ShiftTry(models.Model):
    """A case that none of those on shift could be given; they were told of it. Tried again when anything changes."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="+", verbose_name=_("case"))
    shift = models.ForeignKey(Shift, models.CASCADE, related_name="+", verbose_name=_("shift"))
    day = models.DateField(_("day"))
    seq = models.PositiveIntegerField(_("at event"))
    tried_at = models.DateTimeField(_("tried at"))

    class Meta:
        verbose_name = _("case tried on a shift")
        verbose_name_plural = _("cases tried on shifts")

    def __str__(self) -> str:
        return f"{self.case_id} {self.shift_id} {self.day}"


class ShiftOver(models.Model):
    """A shift that was handed over to the next, once, however many clocks run."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="+", verbose_name=_("shift"))
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("shift handed over")
        verbose_name_plural = _("shifts handed over")
        constraints = [
            models.UniqueConstraint(fields=["shift", "day"], name="shift_over_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.day}"
