"""What the early warning keeps: alarms, series that are muted for a while, and when each policy was looked at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case


class Alarm(models.Model):
    """A series that rose, or fell silent, more than chance explains. It names nobody: what it holds are numbers."""

    class Direction(models.TextChoices):
        RISE = "rise", _("a rise")
        FALL = "fall", _("a silence")

    policy = models.CharField(_("policy"), max_length=100)
    dimension = models.CharField(_("dimension"), max_length=100, blank=True)  # a fact; empty: all complaints
    value = models.CharField(_("value"), max_length=100, blank=True)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction)
    since = models.DateTimeField(_("since"))  # when the span began in which it was found
    found_at = models.DateTimeField(_("found at"))
    seen_at = models.DateTimeField(_("last seen at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    # As it was found: span, days, observed, expected, limit and chance of judging.Verdict.
    span = models.CharField(_("span"), max_length=10)
    days = models.PositiveSmallIntegerField(_("days"))
    observed = models.PositiveIntegerField(_("observed"))
    expected = models.FloatField(_("expected"))
    limit = models.PositiveIntegerField(_("limit"))
    chance = models.FloatField(_("chance"))
    method = models.CharField(_("method"), max_length=20)
    weeks = models.JSONField(_("weeks until last seen"), default=list)  # [observed, expected, limit], oldest first
    examples = models.JSONField(_("examples"), default=list)  # Case.pk, newest first
    clauses = models.JSONField(_("clauses"), default=list)
    matter = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="+", verbose_name=_("matter"))
    # Where the policy opens no matter.
    done = models.TextField(_("what was done"), blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        db_table = "insight_alarm"
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            # However many clocks look, a rise that goes on is one alarm.
            models.UniqueConstraint(
                fields=["policy", "dimension", "value", "direction"],
                condition=Q(ended_at__isnull=True),
                name="alarm_going_on_once",
            ),
        ]
        indexes = [
            # reading.alarms: a policy's, newest first.
            models.Index(fields=["policy", "-found_at", "-id"], name="alarm_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.dimension}={self.value} {self.direction} {self.found_at:%F}"


class Mute(models.Model):
    """A series that gives no alarm until a day, and why."""

    policy = models.CharField(_("policy"), max_length=100)
    dimension = models.CharField(_("dimension"), max_length=100, blank=True)
    value = models.CharField(_("value"), max_length=100, blank=True)
    direction = models.CharField(_("direction"), max_length=4, choices=Alarm.Direction)
    until = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "insight_mute"
        verbose_name = _("muted series")
        verbose_name_plural = _("muted series")
        indexes = [
            # watch.look: what is muted today.
            models.Index(fields=["policy", "until"], name="mute_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.dimension}={self.value} {self.direction} until {self.until:%F}"


class Look(models.Model):
    """When a policy's series were last looked at."""

    policy = models.CharField(_("policy"), max_length=100, primary_key=True)
    at = models.DateTimeField(_("at"))
    whole_at = models.DateTimeField(_("first look of the day at"))
    seconds = models.FloatField(_("how long it took"), default=0)
    series = models.PositiveIntegerField(_("series that were judged"), default=0)
    load = models.JSONField(_("duties that stand and stood"), default=dict)  # forecast.load

    class Meta:
        db_table = "insight_look"
        verbose_name = _("look at the series")
        verbose_name_plural = _("looks at the series")

    def __str__(self) -> str:
        return f"{self.policy} {self.at:%F %T}"
