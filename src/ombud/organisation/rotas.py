"""Rotas: which shifts of a channel and office are to be covered, by whom they are, and what single days change."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Rota(models.Model):
    """The shifts in which somebody answers what comes in under a policy, by these channels, for this office."""

    name = models.CharField(_("name"), max_length=120)
    policy = models.CharField(_("policy"), max_length=100)
    office = models.ForeignKey(
        "organisation.Office", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )  # none = whatever the office
    channels = models.JSONField(_("channels"), default=list, blank=True)  # of the policy; none = all
    a_week = models.DateField(_("an A week begins"))  # the Monday from which A and B weeks are counted
    is_active = models.BooleanField(_("in use"), default=True)
    confirms_exchanges = models.BooleanField(_("the head confirms exchanges"), default=False)

    class Meta:
        db_table = "organisation_rota"
        verbose_name = _("rota")
        verbose_name_plural = _("rotas")

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """Hours of some days of the week; one that ends no later than it begins runs into the next day.

    Its hours never change, so that who was on then stays true: other hours are another shift.
    """

    rota = models.ForeignKey(Rota, models.PROTECT, related_name="shifts", verbose_name=_("rota"))
    name = models.CharField(_("name"), max_length=60)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    weekdays = models.JSONField(_("days"), default=list)  # on which it begins: 0 = Monday
    places = models.PositiveSmallIntegerField(_("people wanted"), default=1)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        db_table = "organisation_shift"
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")), name="shift_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def runs_on(self, day: date) -> bool:
        """Return whether the shift begins on a day."""
        return (
            day.weekday() in self.weekdays and self.first_day <= day and (self.last_day is None or day <= self.last_day)
        )


class ShiftPattern(models.Model):
    """Who has a shift week by week from a Monday on, until another pattern begins."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="patterns", verbose_name=_("shift"))
    first_day = models.DateField(_("first day"))
    # One or two weeks (A, then B) of seven days each: the people of a day (Person.pk).
    weeks = models.JSONField(_("weeks"), default=list)

    class Meta:
        db_table = "organisation_shift_pattern"
        verbose_name = _("pattern of a shift")
        verbose_name_plural = _("patterns of shifts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shift", "first_day"], name="shift_pattern_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.first_day}"


class ShiftDay(models.Model):
    """Who has a shift on one day, whatever the pattern says."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="days", verbose_name=_("shift"))
    day = models.DateField(_("day"))
    people = models.JSONField(_("people"), default=list)  # Person.pk

    class Meta:
        db_table = "organisation_shift_day"
        verbose_name = _("day of a shift")
        verbose_name_plural = _("days of shifts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["shift", "day"], name="shift_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.day}"


class ShiftExchange(models.Model):
    """Two people give each other a shift: one proposes, the other accepts, who plans confirms where it is set so."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted, to be confirmed")
        DONE = "done", _("exchanged")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", verbose_name=_("shift"))
    day = models.DateField(_("day"))
    person = models.ForeignKey("organisation.Person", models.PROTECT, related_name="+", verbose_name=_("who proposes"))
    for_shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", verbose_name=_("for the shift"))
    for_day = models.DateField(_("for the day"))
    other = models.ForeignKey("organisation.Person", models.PROTECT, related_name="+", verbose_name=_("with whom"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField(_("proposed at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True)
    decided_by = models.ForeignKey("organisation.Person", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        db_table = "organisation_shift_exchange"
        verbose_name = _("exchange of shifts")
        verbose_name_plural = _("exchanges of shifts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # exchanging.propose: a shift is offered to one person at a time.
            models.UniqueConstraint(
                fields=["shift", "day", "person"],
                condition=Q(decided_at__isnull=True),
                name="shift_exchange_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # exchanging.open_ones, and what is told: those that wait, and those decided lately.
            models.Index(fields=["decided_at"], name="shift_exchange_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.day}"
