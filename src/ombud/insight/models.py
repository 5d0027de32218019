"""What figures are counted from: derived from the events, kept current by the clock, rebuilt at any time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.organisation.models import Department, Office


class Measured(models.Model):
    """One case as figures see it. It names nobody: what erasure destroys was never here."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="measured")
    seq = models.PositiveIntegerField(_("made from the events up to"))
    policy = models.CharField(_("policy"), max_length=100)
    version = models.PositiveIntegerField(_("version"))  # PolicyVersion.pk
    procedure = models.CharField(_("procedure"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+", db_index=False)
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", db_index=False)
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )  # fmt: skip
    # What the pack's `figures` name; empty where it names none, or the case has no value yet.
    category = models.CharField(_("category"), max_length=100, blank=True)
    grade = models.CharField(_("grade"), max_length=100, blank=True)
    outcome = models.CharField(_("outcome"), max_length=100, blank=True)
    satisfaction = models.CharField(_("satisfaction"), max_length=100, blank=True)
    is_satisfied = models.BooleanField(_("satisfied"), null=True)
    asked = models.DecimalField(_("asked"), max_digits=20, decimal_places=2, null=True)  # in the policy's currency
    given = models.DecimalField(_("given"), max_digits=20, decimal_places=2, null=True)
    choices = models.JSONField(_("everything with a list of values"), default=dict)
    rounds = models.PositiveSmallIntegerField(_("rounds"), default=0)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)
    is_repeat = models.BooleanField(_("not the person's first within a year"), default=False)
    received_at = models.DateTimeField(_("received at"))
    registered_at = models.DateTimeField(_("registered at"), null=True)
    answered_at = models.DateTimeField(_("first answered at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    # From receipt, in seconds by the clock on the wall and of working time; null: not yet, or beyond the calendar.
    registering = models.PositiveBigIntegerField(null=True)
    registering_worked = models.PositiveBigIntegerField(null=True)
    answering = models.PositiveBigIntegerField(null=True)
    answering_worked = models.PositiveBigIntegerField(null=True)
    closing = models.PositiveBigIntegerField(null=True)
    closing_worked = models.PositiveBigIntegerField(null=True)
    # Of a closed case: with whom it lay, in seconds by the clock on the wall; together they are `closing`.
    ours = models.PositiveBigIntegerField(null=True)
    complainants = models.PositiveBigIntegerField(null=True)
    others = models.PositiveBigIntegerField(null=True)
    stays = models.JSONField(_("phases in order"), default=list)  # [[phase, seconds, of these with us], ...]

    class Meta:
        verbose_name = _("measured case")
        verbose_name_plural = _("measured cases")
        indexes = [
            # measures: what came in, and what was closed, in a span of time.
            models.Index(fields=["policy", "procedure", "received_at"], name="measured_received"),
            models.Index(
                fields=["policy", "procedure", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="measured_closed",
            ),
            # measures: what is open now.
            models.Index(
                fields=["policy", "procedure", "received_at"], condition=Q(closed_at__isnull=True), name="measured_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq}"


class Kept(models.Model):
    """How far the measured cases follow the log: one row, written by whichever clock looked last."""

    settled = models.BigIntegerField(_("all events up to this one are in"), default=0)
    event = models.BigIntegerField(_("newest event at the last note"), default=0)
    event_at = models.DateTimeField(_("noted at"))
    compared = models.BigIntegerField(_("cases compared up to this one"), default=0)
    whole_at = models.DateTimeField(_("all cases compared at"), null=True)

    class Meta:
        verbose_name = _("state of the figures")
        verbose_name_plural = _("states of the figures")

    def __str__(self) -> str:
        return str(self.settled)
