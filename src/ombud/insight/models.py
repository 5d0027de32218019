"""What figures are counted from: derived from the events, kept current by the clock, rebuilt at any time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.organisation.models import Department, Office


class Circle(models.Model):
    """The departments, offices and roles that have or had some cases: whoever is one of them may see these."""

    viewers = models.TextField(_("viewers"), unique=True)  # as Participation has them, people left out, in order

    class Meta:
        verbose_name = _("circle of viewers")
        verbose_name_plural = _("circles of viewers")

    def __str__(self) -> str:
        return self.viewers


class Acquaintance(models.Model):
    """Somebody had a case of that circle in person. Kept for good: where it holds no more it costs a look."""

    circle = models.ForeignKey(Circle, models.CASCADE, related_name="acquaintances", db_index=False)
    person = models.PositiveBigIntegerField(_("person"))  # Person.pk

    class Meta:
        verbose_name = _("acquaintance with a circle")
        verbose_name_plural = _("acquaintances with circles")
        constraints = [
            # eyes.keep_circles: however often it is met, it is noted once.
            models.UniqueConstraint(fields=["circle", "person"], name="acquaintance_once")
        ]

    def __str__(self) -> str:
        return f"{self.circle_id} {self.person}"


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
    circle = models.ForeignKey(Circle, models.PROTECT, null=True, related_name="+", db_index=False)  # who may see it
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
    # When something was first suggested, and when what came of the latest suggestion was said.
    suggested_at = models.DateTimeField(_("suggested at"), null=True)
    suggestion_answered_at = models.DateTimeField(_("suggestion answered at"), null=True)
    received_at = models.DateTimeField(_("received at"))
    registered_at = models.DateTimeField(_("registered at"), null=True)
    answered_at = models.DateTimeField(_("first answered at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    next_due_at = models.DateTimeField(_("next due at"), null=True)  # of an open case: what is overdue is found by it
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
    # ISO day -> what it adds to the sums of that day, as a digest (`contributions`): of another they are made anew.
    days = models.JSONField(_("days in whose sums it is"), default=dict)

    class Meta:
        verbose_name = _("measured case")
        verbose_name_plural = _("measured cases")
        indexes = [
            # measures: what came in, and what was closed, in a span of time. With what is asked most by two sides at
            # once, which no sums are by, so that a year of them is counted without reading a row.
            models.Index(
                fields=[
                    "policy",
                    "procedure",
                    "received_at",
                    "circle",
                    "category",
                    "grade",
                    "channel",
                    "department",
                ],
                name="measured_received",
            ),
            models.Index(
                fields=["policy", "procedure", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="measured_closed",
            ),
            # measures: what is open now, how long, and whether anything of it is overdue; with whose it is, so that no
            # row is read for who sees some.
            models.Index(
                fields=["policy", "procedure", "received_at", "circle", "next_due_at"],
                condition=Q(closed_at__isnull=True),
                name="measured_open",
            ),
            # measures: what was suggested in a span of time.
            models.Index(
                fields=["policy", "procedure", "suggested_at"],
                condition=Q(suggested_at__isnull=False),
                name="measured_suggested",
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


class SummedDay(models.Model):
    """A day of a policy that is summed up, in the zone of the installation: figures need not read its rows."""

    policy = models.CharField(_("policy"), max_length=100)
    day = models.DateField(_("day"))
    made = models.CharField(_("by what it was summed"), max_length=64)  # summing.stamp: another needs another sum
    at = models.DateTimeField(_("as things stood at"))
    until = models.DateTimeField(_("until the next duty is overdue"), null=True)

    class Meta:
        verbose_name = _("day that is summed up")
        verbose_name_plural = _("days that are summed up")
        constraints = [models.UniqueConstraint(fields=["policy", "day"], name="summed_day")]

    def __str__(self) -> str:
        return f"{self.policy} {self.day}"


class ChangedDay(models.Model):
    """A day whose sums are not what they were: one row each time, so that what is noted meanwhile stays noted."""

    policy = models.CharField(_("policy"), max_length=100)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("day to be summed up anew")
        verbose_name_plural = _("days to be summed up anew")
        indexes = [
            # sums.summed: whether a day of the policy has changed.
            models.Index(fields=["policy", "day"], name="changed_day")
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.day}"


class _OfDays(models.Model):
    """What is kept of one thing that is summed, by one side of it: of a day, or of a month, told by its first day."""

    policy = models.CharField(_("policy"), max_length=100)
    procedure = models.CharField(_("procedure"), max_length=100)
    of = models.CharField(_("what is summed"), max_length=20)
    side = models.CharField(_("side"), max_length=100, blank=True)  # a dimension; empty: all of them
    day = models.DateField(_("day"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.policy} {self.day} {self.of} {self.side}"


class _Sums(_OfDays):
    sums = models.JSONField(_("sums"))  # by value of the side; empty: none

    class Meta:
        abstract = True


class _Lengths(_OfDays):
    runs = models.JSONField(_("runs"))  # [[what is measured, value of the side, how many], ...]
    lengths = models.BinaryField(_("lengths"))  # eight bytes each: those of the first run in order, then of the next

    class Meta:
        abstract = True


#: sums.of: one side of a span of days or months. A second sum of the same would count everything twice.
_ONCE = ("policy", "of", "side", "day", "procedure")
#: summing.sum_up: all sums of a day, to be made anew.
_OF_A_DAY = ("policy", "day")


class DaySum(_Sums):
    """What the rows of one day come to, by each value of one side, or all of them."""

    class Meta:
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        constraints = [models.UniqueConstraint(fields=_ONCE, name="day_sum")]
        indexes = [models.Index(fields=_OF_A_DAY, name="day_sum_of_day")]


class DayLengths(_Lengths):
    """The lengths of time of one day, of which middle ones are found, by each value of one side."""

    class Meta:
        verbose_name = _("lengths of a day")
        verbose_name_plural = _("lengths of days")
        constraints = [models.UniqueConstraint(fields=_ONCE, name="day_lengths")]
        indexes = [models.Index(fields=_OF_A_DAY, name="day_lengths_of_day")]


class SummedMonth(models.Model):
    """A month of a policy whose days are all summed up, and these sums together: gone as soon as one of them is."""

    policy = models.CharField(_("policy"), max_length=100)
    month = models.DateField(_("first day"))

    class Meta:
        verbose_name = _("month that is summed up")
        verbose_name_plural = _("months that are summed up")
        constraints = [models.UniqueConstraint(fields=["policy", "month"], name="summed_month")]

    def __str__(self) -> str:
        return f"{self.policy} {self.month}"


class MonthSum(_Sums):
    """What the sums of the days of a month come to."""

    class Meta:
        verbose_name = _("sum of a month")
        verbose_name_plural = _("sums of months")
        constraints = [models.UniqueConstraint(fields=_ONCE, name="month_sum")]


class MonthLengths(_Lengths):
    """The lengths of the days of a month, each run in order, by a few sides (`daily.has_months`)."""

    class Meta:
        verbose_name = _("lengths of a month")
        verbose_name_plural = _("lengths of months")
        constraints = [models.UniqueConstraint(fields=_ONCE, name="month_lengths")]
