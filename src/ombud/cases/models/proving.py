"""What proves the register to others: time stamps of daily roots, and what verifying everything found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.cases.models.keeping import DailyRoot


class RootStamp(models.Model):
    """What an authority outside says of when it saw a daily root (RFC 3161), or why it has not said it yet."""

    root = models.OneToOneField(DailyRoot, models.PROTECT, related_name="stamp")
    authority = models.CharField(_("authority"), max_length=500)
    asked_at = models.DateTimeField(_("asked at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    again_at = models.DateTimeField(_("not before"), null=True)
    failure = models.CharField(_("why not"), max_length=200, blank=True)
    answer = models.BinaryField(_("answer"), null=True)  # as it came: whoever has it needs nothing of ours to check it
    stamped_at = models.DateTimeField(_("stamped at"), null=True)  # what the authority says
    is_trusted = models.BooleanField(_("signature checked"), default=False)  # under the authorities of the settings

    class Meta:
        verbose_name = _("time stamp")
        verbose_name_plural = _("time stamps")

    def __str__(self) -> str:
        return f"{self.root_id} {self.authority}"


class Verification(models.Model):
    """One time that everything was verified, or that somebody asked for it."""

    class Way(models.TextChoices):
        PAGE = "page", _("asked for on a page")
        COMMAND = "command", _("by ombud verify")

    way = models.CharField(_("how"), max_length=10, choices=Way)
    # Empty where a command of the installation did it, which knows no person.
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    begun_at = models.DateTimeField(_("begun at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    cases = models.PositiveIntegerField(_("cases"), default=0)
    events = models.PositiveBigIntegerField(_("events"), default=0)
    roots = models.PositiveIntegerField(_("daily roots"), default=0)
    ahead = models.PositiveIntegerField(_("events ahead of the clock"), default=0)
    problems = models.PositiveIntegerField(_("problems"), default=0)
    found = models.JSONField(_("the first of them"), default=list)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        constraints = [
            # verifications.ask: what waits on behalf of a page waits once.
            models.UniqueConstraint(
                fields=["way"], condition=models.Q(finished_at__isnull=True, way="page"), name="verification_waits_once"
            ),
        ]
        indexes = [
            # verifications.latest: newest first.
            models.Index(fields=["-asked_at", "-id"], name="verification_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%F %T} {self.way}"


class BackupMade(models.Model):
    """A backup that was made here. What becomes of its file afterwards nobody here knows."""

    made_at = models.DateTimeField(_("made at"))
    kind = models.CharField(_("kind"), max_length=10)  # full, increment, or file: one that stands alone
    file = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("size"))
    generation = models.PositiveSmallIntegerField(_("master key"))  # the number of the one that it is sealed under

    class Meta:
        verbose_name = _("backup")
        verbose_name_plural = _("backups")
        indexes = [
            # backups_made.latest: newest first.
            models.Index(fields=["-made_at", "-id"], name="backup_newest"),
        ]

    def __str__(self) -> str:
        return self.file
