"""What people are told: in-app notices and letters."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.notices.alerts.models import Alert as Alert
from ombud.notices.alerts.models import Way as Way


def kinds() -> list[tuple[str, Any]]:
    """Return the kinds of notices; asked for when they are needed, so that a new one needs no migration."""
    return Notice.Kind.choices


class Notice(models.Model):
    """One line in somebody's notices; rendered when read, in the reader's language."""

    class Kind(models.TextChoices):
        ACT = "act", _("an act")
        OPENED = "opened", _("a duty of an hour or less")
        WARNING = "warning", _("a warning")
        BREACH = "breach", _("a breach")
        REFUSED = "rung-refused", _("an automatic act was refused")
        DUE_MOVED = "due-moved", _("a due time moved")
        PROVISIONAL = "provisional", _("a provisional due time")
        UNDELIVERED = "undelivered", _("somebody outside was not reached")
        REMINDER = "reminder", _("a colleague's reminder")
        NEXT_TRY = "next-try", _("a call to try again")
        MESSAGE = "message", _("a message came in")
        DRAFT = "draft", _("a letter waits")
        INFECTED = "infected", _("a virus in a file")
        UNMASKED = "unmasked", _("much personal data was looked at")
        ALARM = "alarm", _("an early warning")
        SWITCHED_OFF = "switched-off", _("a connection was switched off")
        EXPORT = "export", _("a list is ready")
        TRAINING = "training", _("training that is owed")
        CONFIDENTIAL = "confidential", _("who may know of a confidential case")
        UNATTENDED = "unattended", _("a confidential case that nobody attends to")
        ON_SHIFT = "on-shift", _("a case that came in during a shift")
        SHIFT_OVER = "shift-over", _("a shift is handed over")
        ROTA_GAP = "rota-gap", _("a gap in the rota")
        DEPUTY = "deputy", _("standing in for somebody")
        LIMITS = "promise-limits", _("a table of promise limits")
        EXCHANGE = "shift-exchange", _("an exchange of shifts")
        REPORT = "report", _("a report that could not be mailed to its reader")
        NOT_MAILED = "not-mailed", _("a report that could not be mailed to everybody")
        OBJECTION = "objection", _("an objection to a performance record")
        LEAVER = "leaver", _("somebody left with open cases")
        OTHER = "other", _("other")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices", db_index=False
    )
    # Person null: of the case's complainant. Case null: of how work is shared out, as `about` says.
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="notices")
    kind = models.CharField(_("kind"), max_length=20, choices=kinds)
    act = models.CharField(_("act"), max_length=200, blank=True)
    duty = models.CharField(_("duty"), max_length=200, blank=True)
    instance = models.PositiveIntegerField(_("instance"), null=True)
    clauses = models.JSONField(_("clauses"), default=list)
    about = models.JSONField(_("about"), default=dict)  # what a notice of no case tells; see staffing.py
    due_at = models.DateTimeField(_("due at"), null=True)
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    asked_by = models.ForeignKey(  # who reminded
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    dedupe = models.CharField(_("dedupe key"), max_length=240, unique=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            # reading.notices_of: somebody's notices, newest first.
            models.Index(fields=["person", "-id"], name="notice_person"),
            # reading.unread_count: the number on the bell, read from the index alone.
            models.Index(fields=["person", "case"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id or ''}"


class Letter(models.Model):
    """A document of the pack as it was written for one case; its text is sealed like the facts that it quotes."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="letters")
    document = models.CharField(_("document"), max_length=200)
    language = models.CharField(_("language"), max_length=16)
    seq = models.PositiveIntegerField(_("event that asked for it"))
    sealed = models.JSONField(_("text, sealed"), default=dict)  # {"subject": ..., "body": ...}
    is_to_complainant = models.BooleanField(_("to the complainant"), default=True)
    written_at = models.DateTimeField(_("written at"))
    sent_at = models.DateTimeField(_("sent at"), null=True)  # null: no mail left, for want of an address or not yet
    dedupe = models.CharField(_("dedupe key"), max_length=240, unique=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self) -> str:
        return f"{self.document} {self.case_id}"


class RootReceiver(models.Model):
    """Somebody outside this machine who gets every daily root by mail, so that nobody here can make another of it."""

    email = models.EmailField(_("address"))
    name = models.CharField(_("who it is"), max_length=120)
    language = models.CharField(_("language"), max_length=16)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added at"))
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("receiver of daily roots")
        verbose_name_plural = _("receivers of daily roots")
        constraints = [
            # root_mail.add: nobody gets a root twice.
            models.UniqueConstraint(fields=["email"], condition=Q(ended_at__isnull=True), name="root_receiver_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class RootMail(models.Model):
    """One mail with the daily roots up to one of them, and whether it left."""

    root = models.ForeignKey("cases.DailyRoot", models.PROTECT, related_name="mails")
    receiver = models.ForeignKey(RootReceiver, models.PROTECT, related_name="mails")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    again_at = models.DateTimeField(_("not before"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    failure = models.CharField(_("why not"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("mail with daily roots")
        verbose_name_plural = _("mails with daily roots")
        constraints = [models.UniqueConstraint(fields=["receiver", "root"], name="root_mail_once")]

    def __str__(self) -> str:
        return f"{self.root_id} {self.receiver_id}"
