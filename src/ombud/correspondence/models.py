"""Accounts at which messages come in and go out, and the messages: who said what, when, and what became of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.notices.models import Letter
from ombud.organisation.models import Office, Outsider
from ombud.privacy.models import Complainant


class Account(models.Model):
    """A mailbox, a number, an official account: where messages come in and go out.

    What comes in at one that names a policy and a channel files a complaint there.
    """

    key = models.SlugField(_("id"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20)  # of the carriers: mail, or a provider of messages
    title = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("own address"), max_length=254)
    policy = models.CharField(_("policy"), max_length=100, blank=True)
    channel = models.CharField(_("channel"), max_length=100, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    options = models.JSONField(_("settings"), default=dict, blank=True)  # of its kind: servers, ports, folder
    secrets = models.JSONField(_("secrets, sealed"), default=dict, blank=True)  # under the installation's key
    is_active = models.BooleanField(_("in use"), default=True)
    takes_in = models.BooleanField(_("receives"), default=True)
    sends = models.BooleanField(_("sends"), default=True)
    files = models.BooleanField(_("files complaints by itself"), default=True)
    # What its carrier knows.
    place = models.JSONField(_("how far it was read"), default=dict, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    failure = models.CharField(_("last failure"), max_length=500, blank=True)
    paused_until = models.DateTimeField(_("pauses until"), null=True)
    read_at = models.DateTimeField(_("read last"), null=True)
    sent_at = models.DateTimeField(_("sent last"), null=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.title or self.address


class Message(models.Model):
    """One thing that was said, in or out, with what became of it; every word of it is sealed.

    `keeper` is whose key seals it: that of its case's complainant, else one of its own.
    """

    class Way(models.TextChoices):
        MAIL = "mail", _("e-mail")
        POST = "post", _("letter")
        CALL = "call", _("telephone")
        TALK = "talk", _("in person")
        CHAT = "chat", _("message")
        SMS = "sms", _("text message")
        PAGE = "page", _("complaint page")

    class State(models.TextChoices):
        # in
        ARRIVED = "arrived", _("arrived")  # nobody has looked yet, not even the program
        WAITING = "waiting", _("waits in the inbox")
        QUARANTINED = "quarantined", _("in quarantine")
        FILED = "filed", _("became a complaint")
        ATTACHED = "attached", _("belongs to a case")
        ANSWERED = "answered", _("answered")
        DISMISSED = "dismissed", _("no complaint")
        AUTOMATIC = "automatic", _("sent by a program")
        # out
        DRAFTED = "drafted", _("draft")  # a letter that somebody reads, edits and sends
        QUEUED = "queued", _("waits to be sent")
        HANDED_OVER = "handed-over", _("sent")
        DELIVERED = "delivered", _("delivered")
        READ = "read", _("read")
        FAILED = "failed", _("not delivered")
        WITHDRAWN = "withdrawn", _("called back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    is_out = models.BooleanField(_("goes out"))
    way = models.CharField(_("way"), max_length=10, choices=Way)
    state = models.CharField(_("state"), max_length=12, choices=State)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="messages")  # null: typed in, or ours
    external_id = models.CharField(_("id there"), max_length=250, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="messages", db_index=False)
    policy = models.CharField(_("policy"), max_length=100, blank=True)  # whose service department sees it
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", db_index=False)
    keeper = models.ForeignKey(Complainant, models.PROTECT, related_name="messages")
    # {"address", "name", "subject", "text", "html", "files", "failure", "reason", ...}, each sealed
    sealed = models.JSONField(_("what was said, sealed"), default=dict)
    address = models.CharField(_("other side's address, blind"), max_length=64, blank=True)
    stored_as = models.CharField(_("original"), max_length=200, blank=True)  # sealed as a whole
    language = models.CharField(_("language"), max_length=16, blank=True)
    said_at = models.DateTimeField(_("said at"))  # as its sender says, or typed in
    had_at = models.DateTimeField(_("had at"))  # when it came in here, or was written here
    answers = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    to = models.CharField(_("role that it goes to"), max_length=100, blank=True)
    letter = models.ForeignKey(Letter, models.PROTECT, null=True, related_name="messages")
    document = models.CharField(_("document that it is a draft of"), max_length=200, blank=True)
    act = models.CharField(_("act that it performs"), max_length=200, blank=True)
    seq = models.PositiveIntegerField(_("event"), null=True)  # that filed it, or that it was written for
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    # Of what goes out.
    send_at = models.DateTimeField(_("not before"), null=True)  # of a draft: when its handler is reminded
    awaits_enclosures = models.BooleanField(_("its enclosures have still to be put in"), default=False)
    lacks = models.BooleanField(_("goes without what could not be put in"), default=False)  # until somebody decides
    lease_until = models.DateTimeField(_("lease"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)  # set when a carrier took it, and then only
    settled_at = models.DateTimeField(_("settled at"), null=True)  # delivered, read, failed; filed, dismissed
    failed_seq = models.PositiveIntegerField(_("event that says it failed"), null=True)  # 0: none could be written
    dedupe = models.CharField(_("dedupe key"), max_length=260, unique=True, null=True)  # noqa: DJ001  # none, for most

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # taking_in: what a server hands out twice is there once.
            models.UniqueConstraint(
                fields=["account", "is_out", "external_id"], condition=~Q(external_id=""), name="message_once"
            ),
        ]
        indexes = [
            # conversation: everything said on a case, in order.
            models.Index(fields=["case", "said_at", "id"], condition=Q(case__isnull=False), name="message_case"),
            # inbox: what waits for somebody, newest first.
            models.Index(
                fields=["state", "-had_at", "-id"],
                condition=Q(state__in=["arrived", "waiting", "quarantined"]),
                name="message_inbox",
            ),
            # inbox: what was settled, newest first.
            models.Index(fields=["is_out", "-had_at", "-id"], name="message_newest"),
            # delivery: what waits to be sent.
            models.Index(
                fields=["account", "send_at", "seq", "id"], condition=Q(state="queued"), name="message_queued"
            ),
            # letter_drafts: what somebody has still to send.
            models.Index(fields=["send_at", "id"], condition=Q(state="drafted"), name="message_drafted"),
            # enclosing: what waits for its PDF and files.
            models.Index(fields=["send_at", "id"], condition=Q(awaits_enclosures=True), name="message_unpacked"),
            # outbox: what went without its enclosures.
            models.Index(fields=["-had_at", "-id"], condition=Q(lacks=True), name="message_lacks"),
            # outbox: what reached nobody.
            models.Index(fields=["-settled_at", "-id"], condition=Q(state="failed"), name="message_failed"),
            # failing: what its case was not told of yet.
            models.Index(fields=["id"], condition=Q(state="failed", failed_seq=None), name="message_unreported"),
            # threads: what an address said and was told.
            models.Index(fields=["address", "-had_at"], condition=~Q(address=""), name="message_address"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {self.id}"


class ReplyTemplate(models.Model):
    """Words that are said again and again, put into a message where somebody asks for them: a team's or one person's.

    Nothing of it is sealed: it says what is said to everybody, and names what it takes of a case by placeholders.
    """

    title = models.CharField(_("title"), max_length=100)
    policy = models.CharField(_("policy"), max_length=100)
    department = models.CharField(_("department"), max_length=100, blank=True)  # of a team's: empty for all
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # null: the team's
    texts = models.JSONField(_("words by language"), default=dict)  # language -> {"subject", "text"}
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        indexes = [
            # replies.offered: those under a policy.
            models.Index(fields=["policy", "owner"], name="reply_policy"),
        ]

    def __str__(self) -> str:
        return self.title


class LetterVersion(models.Model):
    """The words of a drafted letter as somebody left them; the first are the policy's own, and none is ever changed."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("number"))
    sealed = models.JSONField(_("words, sealed"), default=dict)  # {"subject", "text"}, under the message's keeper
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("written at"))
    handed_in_at = models.DateTimeField(_("handed in at"), null=True)  # for approval
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    is_approved = models.BooleanField(_("approved"), default=False)
    reason = models.JSONField(_("why it was sent back, sealed"), default=dict)

    class Meta:
        verbose_name = _("version of a letter")
        verbose_name_plural = _("versions of letters")
        constraints = [
            # letter_drafts: of two who write at the same time one is told of the other.
            models.UniqueConstraint(fields=["message", "number"], name="letter_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.number}"


class OrderSheet(models.Model):
    """How one authority writes its work orders under a policy: which column says what, mapped once."""

    authority = models.ForeignKey(Outsider, models.PROTECT, related_name="+", verbose_name=_("authority"))
    policy = models.CharField(_("policy"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100)
    language = models.CharField(_("language"), max_length=16)
    zone = models.CharField(_("time zone"), max_length=60)  # of the times in its cells
    columns = models.JSONField(_("columns"), default=dict)  # part of a work order -> heading
    heading = models.JSONField(_("heading"), default=list)  # of the last file, in its order
    same = models.JSONField(_("said of every order"), default=dict)  # what the policy's first act needs beside them
    answer = models.CharField(_("field with the answer"), max_length=100)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("work orders of an authority")
        verbose_name_plural = _("work orders of authorities")
        constraints = [
            # orders: one mapping of an authority under a policy.
            models.UniqueConstraint(fields=["authority", "policy"], name="order_sheet_once"),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.policy}"


class WorkOrder(models.Model):
    """One work order of an authority with the case that it became; its cells are sealed under its complainant's key."""

    sheet = models.ForeignKey(OrderSheet, models.PROTECT, related_name="orders")
    number = models.CharField(_("number there"), max_length=150)
    case = models.OneToOneField(Case, models.PROTECT, related_name="work_order")
    due_at = models.DateTimeField(_("answer wanted by"), null=True)
    cells = models.JSONField(_("cells, sealed"), default=dict)  # by heading, as they stood in the file
    taken_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    taken_in_at = models.DateTimeField(_("taken in at"))
    returned_at = models.DateTimeField(_("returned at"), null=True)

    class Meta:
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        constraints = [
            # orders.taking_in: the same file twice adds nothing. Also the page of a sheet, in the order of numbers.
            models.UniqueConstraint(fields=["sheet", "number"], name="work_order_once"),
        ]

    def __str__(self) -> str:
        return self.number


class PartnerLink(models.Model):
    """A link, and the picture of it, at a partner's: who follows it complains through this partner and office."""

    partner = models.ForeignKey(Outsider, models.PROTECT, related_name="+", verbose_name=_("partner"))
    policy = models.CharField(_("policy"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    ends_on = models.DateField(_("valid until"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("made at"))
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("link of a partner")
        verbose_name_plural = _("links of partners")

    def __str__(self) -> str:
        return f"{self.partner} {self.policy}/{self.channel}"


class PartnerComplaint(models.Model):
    """A complaint that came in by a partner's link."""

    link = models.ForeignKey(PartnerLink, models.PROTECT, related_name="complaints")
    case = models.OneToOneField(Case, models.PROTECT, related_name="partner_complaint")

    class Meta:
        verbose_name = _("complaint through a partner")
        verbose_name_plural = _("complaints through partners")

    def __str__(self) -> str:
        return f"{self.link_id} {self.case_id}"


class EarlyReport(models.Model):
    """What a provider reported of a message; applied and removed as soon as the message is known by that id."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(_("id there"), max_length=250)
    outcome = models.CharField(_("outcome"), max_length=20)
    words = models.CharField(_("in the provider's words"), max_length=500, blank=True)
    is_late = models.BooleanField(_("refused as too late"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("report of a provider")
        verbose_name_plural = _("reports of providers")
        indexes = [
            # outcomes.catch_up: those of messages that are known.
            models.Index(fields=["account", "external_id"], name="early_report_of"),
            # outcomes.hear: those that nothing came of.
            models.Index(fields=["at"], name="early_report_at"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.outcome}"
