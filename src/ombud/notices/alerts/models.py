"""By which ways staff are told outside the browser, and what is told by them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.organisation.models import Department, Office


class Way(models.Model):
    """One way by which a person, or the people of a place, are told: an address, what goes there, and when."""

    class Kind(models.TextChoices):
        MAIL = "mail", _("E-mail")
        WECOM = "wecom", _("WeCom group robot")
        DINGTALK = "dingtalk", _("DingTalk group robot")
        FEISHU = "feishu", _("Feishu or Lark group robot")
        SLACK = "slack", _("Slack incoming webhook")
        TEAMS = "teams", _("Microsoft Teams workflow")
        GATEWAY = "gateway", _("Another service (Apprise API)")

    class Rhythm(models.TextChoices):
        AT_ONCE = "now", _("As it happens")
        DAILY = "daily", _("Together, once a day")
        WEEKLY = "weekly", _("Together, once a week")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Whose it is: a person, else those who hold a role under the policy, or are of a department or office of it.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="ways")
    policy = models.CharField(_("policy"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=100, blank=True)
    department = models.ForeignKey(Department, models.CASCADE, null=True, related_name="+", db_index=False)
    office = models.ForeignKey(Office, models.CASCADE, null=True, related_name="+", db_index=False)

    kind = models.CharField(_("by what"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=100, blank=True)
    sealed = models.JSONField(_("address, sealed"), default=dict)
    topics = models.JSONField(_("what is told"), default=list)  # of wording.TOPICS
    language = models.CharField(_("language"), max_length=16)
    tz = models.CharField(_("time zone"), max_length=64)
    rhythm = models.CharField(_("when"), max_length=10, choices=Rhythm, default=Rhythm.AT_ONCE)
    at = models.TimeField(_("at"), null=True)  # of day, where things are told together
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=0)  # 0 = Monday
    quiet_from = models.TimeField(_("quiet from"), null=True)
    quiet_until = models.TimeField(_("quiet until"), null=True)
    is_on = models.BooleanField(_("in use"), default=True)

    lease_until = models.DateTimeField(_("lease"), null=True)  # who sends by it now has it alone
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("rests until"), null=True)
    answer = models.CharField(_("last answer"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)

    class Meta:
        verbose_name = _("way")
        verbose_name_plural = _("ways")
        indexes = [
            # asking.ask: the ways of the groups of a policy.
            models.Index(fields=["policy"], condition=Q(person__isnull=True), name="way_of_group"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.get_kind_display())


class Alert(models.Model):
    """One notice that is to be told by one way; several may go in one message."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits")
        SENT = "sent", _("handed over")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("not needed any more")

    way = models.ForeignKey(Way, models.CASCADE, related_name="alerts", db_index=False)
    notice = models.ForeignKey("notices.Notice", models.CASCADE, related_name="alerts")
    is_urgent = models.BooleanField(_("urgent"), default=False)  # waits for no quiet time and no digest
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    made_at = models.DateTimeField(_("made at"))
    available_at = models.DateTimeField(_("not before"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)  # the provider's words, masked
    dedupe = models.CharField(_("dedupe key"), max_length=240, unique=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        indexes = [
            # sending: the ways by which something is to be told now, and what by each.
            models.Index(fields=["available_at", "way"], condition=Q(state="queued"), name="alert_waiting"),
            # outbox: what waits or failed, newest first.
            models.Index(fields=["state", "-id"], name="alert_state"),
            # sending.tidy: what was over long ago.
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="alert_done"),
            # ways: what went out by one of them lately.
            models.Index(fields=["way", "-id"], name="alert_of_way"),
        ]

    def __str__(self) -> str:
        return f"{self.way_id} {self.notice_id} {self.state}"
