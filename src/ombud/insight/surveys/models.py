"""Who was asked in a survey, what was answered, and how far the clock has looked for whom to ask."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.clock.models import Occurrence
from ombud.correspondence.models import Message
from ombud.organisation.models import PolicyVersion


class Invitation(models.Model):
    """One case and survey: asked, or why not. Numbers are kept in clear; free words under the complainant's key."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked, no answer yet")
        ANSWERED = "answered", _("answered")
        UNREACHABLE = "unreachable", _("could not be reached")
        LEFT_OUT = "left-out", _("not in the sample")
        WITHDRAWN = "withdrawn", _("not asked: withdrawn")
        ERASED = "erased", _("not asked: erased")

    class Act(models.TextChoices):
        NONE = "", _("none")
        WAITS = "waits", _("waits")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    policy = models.CharField(_("policy"), max_length=100)
    survey = models.CharField(_("survey"), max_length=100)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False)  # whose questions
    case = models.ForeignKey(Case, models.PROTECT, related_name="invitations", db_index=False)
    occurrence = models.ForeignKey(Occurrence, models.SET_NULL, null=True, related_name="+", db_index=False)
    state = models.CharField(_("state"), max_length=12, choices=State)
    at = models.DateTimeField(_("asked at"))
    until = models.DateTimeField(_("can be answered until"))
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+", db_index=False)
    remind_at = models.DateTimeField(_("to be reminded at"), null=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True)
    answered_at = models.DateTimeField(_("answered first at"), null=True)
    changed_at = models.DateTimeField(_("answered last at"), null=True)
    sealed = models.JSONField(_("free words, sealed"), default=dict)  # question -> token
    act = models.CharField(_("act for a bad answer"), max_length=8, choices=Act, default=Act.NONE, blank=True)

    class Meta:
        db_table = "insight_survey_invitation"
        verbose_name = _("invitation to a survey")
        verbose_name_plural = _("invitations to surveys")
        constraints = [
            # However many clocks look, a case is asked once. Also: whom a batch of cases has asked already.
            models.UniqueConstraint(fields=["case", "survey"], name="survey_invitation_once"),
        ]
        indexes = [
            # results: a survey's of a span of time.
            models.Index(fields=["policy", "survey", "at", "id"], name="survey_invitation_asked"),
            # reminding: whose time has come.
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="survey_invitation_remind"),
            # work: whom a message that failed was to reach.
            models.Index(fields=["message"], name="survey_invitation_message"),
            # work: what waits for its act.
            models.Index(fields=["id"], condition=Q(act="waits"), name="survey_invitation_act"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.case_id}"


class Answer(models.Model):
    """One answer to one question; free words stand sealed in the invitation."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="answers", db_index=False)
    question = models.CharField(_("question"), max_length=100)
    value = models.CharField(_("answer"), max_length=100)

    class Meta:
        db_table = "insight_survey_answer"
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("answers to surveys")
        constraints = [
            models.UniqueConstraint(fields=["invitation", "question"], name="survey_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.invitation_id} {self.question}={self.value}"


class Followed(models.Model):
    """How far the events of a policy were looked through for whom to ask."""

    policy = models.CharField(_("policy"), max_length=100, primary_key=True)
    settled = models.BigIntegerField(_("all events up to this one are looked at"), default=0)
    event = models.BigIntegerField(_("newest event at the last note"), default=0)
    event_at = models.DateTimeField(_("noted at"))

    class Meta:
        db_table = "insight_survey_followed"
        verbose_name = _("state of the surveys")
        verbose_name_plural = _("states of the surveys")

    def __str__(self) -> str:
        return f"{self.policy} {self.settled}"


class Round(models.Model):
    """One time that everybody of a period is asked: how far it has come."""

    survey = models.CharField(_("survey"), max_length=100)
    occurrence = models.ForeignKey(Occurrence, models.CASCADE, related_name="survey_rounds")
    since = models.DateTimeField(_("of cases closed after"))
    last = models.BigIntegerField(_("oldest case looked at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        db_table = "insight_survey_round"
        verbose_name = _("round of a survey")
        verbose_name_plural = _("rounds of surveys")
        constraints = [
            models.UniqueConstraint(fields=["occurrence", "survey"], name="survey_round_once"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.occurrence}"
