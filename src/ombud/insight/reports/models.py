"""Reports of matters: what was counted when, and what people wrote about it. Neither is ever changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import AppendOnly, Case


class Report(models.Model):
    """One report that a matter owes."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="reports", verbose_name=_("case"))
    report = models.CharField(_("report"), max_length=100)  # of the policy
    act = models.CharField(_("act"), max_length=200)  # that hands it in
    begun_at = models.DateTimeField(_("begun at"))
    handed_in_at = models.DateTimeField(_("handed in at"), null=True)  # the last time; null: it is still written
    handed_in_seq = models.PositiveIntegerField(_("handed in by event"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    not_mailed = models.JSONField(_("who could not be mailed"), default=list)  # [[Person.pk, sending.Why], ...]

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            # drafting.begin: however many clocks look, a matter has each of its reports once.
            models.UniqueConstraint(fields=["case", "act"], name="report_of_act_once"),
        ]
        indexes = [
            # sending.send_waiting: what is handed in and did not go out yet.
            models.Index(fields=["sent_at", "handed_in_at"], name="report_to_send"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.report}"


class _Kept(models.Model):
    """What is written once and stays."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)


class Frozen(_Kept):
    """The figures of a report as they were at an instant, under a version of the policy."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="frozen")
    number = models.PositiveSmallIntegerField(_("number"))
    as_of = models.DateTimeField(_("as of"))
    version = models.CharField(_("version of the policy"), max_length=100)
    pack_hash = models.CharField(_("hash of the policy"), max_length=64)
    content = models.JSONField(_("figures"))
    hash = models.CharField(_("hash of the figures"), max_length=64)  # SHA-256 of the canonical JSON of the content
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("figures of a report")
        verbose_name_plural = _("figures of reports")
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="report_frozen_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number}"


class Written(_Kept):
    """What somebody wrote in a report, as they left it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="written")
    number = models.PositiveSmallIntegerField(_("number"))
    sealed = models.JSONField(_("words, sealed"), default=dict)  # field -> words, under the key of the case
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("words of a report")
        verbose_name_plural = _("words of reports")
        constraints = [
            # writing.keep: of two who write at the same time one is told of the other.
            models.UniqueConstraint(fields=["report", "number"], name="report_written_once")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number}"
