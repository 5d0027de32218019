"""Rows that stand beside the cases: legal holds, removals, answers given once, daily roots over all chain heads."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """A case that must be kept whole, whatever is due for removal or asked to be erased."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="holds")
    reason = models.TextField(_("reason"))
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(_("placed at"))
    until = models.DateField(_("until"), null=True)  # its last day; without one it stands until it is lifted
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(_("lifted at"), null=True)
    lift_reason = models.TextField(_("why it was lifted"), blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")

    def __str__(self) -> str:
        return f"{self.case_id} {self.placed_at:%Y-%m-%d}"


class Removal(models.Model):
    """What was removed, by whom: because the time to keep it was over, or with its complainant's key. Append-only.

    Kept by reference, like the access log; without one, what is missing was taken away by somebody else.
    """

    reference = models.CharField(_("reference"), max_length=20, db_index=True)
    kind = models.CharField(_("what"), max_length=100)  # of the policy's retention: case, evidence; or erasure
    clauses = models.JSONField(_("clauses"), default=list)
    # Empty where a command of the installation did it, which knows no person.
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(_("removed at"))

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")

    def __str__(self) -> str:
        return f"{self.reference} {self.kind}"


class RemovalList(models.Model):
    """Cases that were due for removal at one moment and may go: released by managers, worked off by the clock."""

    policy = models.CharField(_("policy"), max_length=100)
    kind = models.CharField(_("what"), max_length=100)  # of the policy's retention: case, evidence
    due_at = models.DateTimeField(_("due by"))
    # Empty where the policy lets the clock remove by itself.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released at"), null=True)
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(_("finished at"), null=True)  # or dropped

    class Meta:
        verbose_name = _("removal list")
        verbose_name_plural = _("removal lists")
        constraints = [
            # removals.make: what is due is on one list at a time.
            models.UniqueConstraint(
                fields=["policy", "kind"], condition=models.Q(finished_at__isnull=True), name="removal_list_once"
            ),
        ]
        indexes = [
            # removals.latest: newest first.
            models.Index(fields=["-made_at", "-id"], name="removal_list_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.kind} {self.made_at:%Y-%m-%d}"


class ListedCase(models.Model):
    """A case on a removal list, by reference, and what came of it."""

    class Outcome(models.TextChoices):
        WAITS = "waits", _("waits for the clock")
        REMOVED = "removed", _("removed")
        HELD = "held", _("kept: legal hold")
        KEPT = "kept", _("kept: not due any more")
        FAILED = "failed", _("failed: the next list takes it again")

    list = models.ForeignKey(RemovalList, models.CASCADE, related_name="listed", db_index=False)
    reference = models.CharField(_("reference"), max_length=20)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.WAITS)
    at = models.DateTimeField(_("at"), null=True)

    class Meta:
        verbose_name = _("case on a removal list")
        verbose_name_plural = _("cases on removal lists")
        constraints = [
            # removals.lines: the cases of a list, by their number.
            models.UniqueConstraint(fields=["list", "reference"], name="listed_case_once"),
        ]
        indexes = [
            # removals.run: what waits, oldest first.
            models.Index(fields=["list", "id"], condition=models.Q(outcome="waits"), name="listed_case_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.reference}"


class ErasureRequest(models.Model):
    """Somebody asks that a complainant be erased; somebody else decides. It names nobody, and stays."""

    class Ground(models.TextChoices):
        ASKED = "asked", _("the person asks for it")
        WITHDRAWN = "withdrawn", _("consent was withdrawn")
        UNLAWFUL = "unlawful", _("it should not have been kept")
        ORDERED = "ordered", _("an authority or court orders it")

    complainant = models.ForeignKey("privacy.Complainant", models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=20, db_index=True)  # the case at which it was asked for
    ground = models.CharField(_("ground"), max_length=20, choices=Ground)
    filed = models.CharField(_("where the request is filed"), max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    is_approved = models.BooleanField(_("approved"), null=True)
    cases = models.PositiveIntegerField(_("cases erased"), null=True)

    class Meta:
        verbose_name = _("erasure request")
        verbose_name_plural = _("erasure requests")
        constraints = [
            # erasure_requests.ask: one request of a complainant waits at a time.
            models.UniqueConstraint(
                fields=["complainant"], condition=models.Q(decided_at__isnull=True), name="erasure_request_once"
            ),
        ]
        indexes = [
            # erasure_requests.latest: what waits, then what was decided last.
            models.Index(fields=["-asked_at", "-id"], name="erasure_request_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.ground}"


class ClockRepair(models.Model):
    """Somebody asks that cases ahead of the clock go on from now; somebody else decides. It stays."""

    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    is_approved = models.BooleanField(_("approved"), null=True)
    cases = models.PositiveIntegerField(_("cases repaired"), null=True)  # that lay ahead when it was approved

    class Meta:
        verbose_name = _("clock repair")
        verbose_name_plural = _("clock repairs")
        constraints = [
            # clock_repairs.ask: what one person asks for waits once.
            models.UniqueConstraint(
                fields=["asked_by"], condition=models.Q(decided_at__isnull=True), name="clock_repair_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class IdempotencyKey(models.Model):
    """A request that was answered before, so that repeating it does nothing twice."""

    caller = models.CharField(_("caller"), max_length=100)
    key = models.CharField(_("key"), max_length=200)
    body = models.CharField(_("hash of the body"), max_length=64)
    answer = models.TextField(_("answer, sealed"), blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_once")]
        indexes = [
            # clock.tidy: older than 24 hours.
            models.Index(fields=["at"], name="idempotency_at"),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"


class DailyRoot(models.Model):
    """One hash over all chain heads that moved since the root before, and that root."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    made_on = models.DateField(_("made on"))
    made_at = models.DateTimeField(_("made at"))
    count = models.PositiveIntegerField(_("heads"))
    previous = models.CharField(_("root before"), max_length=64, blank=True)
    tree = models.CharField(_("hash over the lines"), max_length=64, null=True)  # noqa: DJ001  # of before: none
    root = models.CharField(_("root"), max_length=64)

    class Meta:
        verbose_name = _("daily root")
        verbose_name_plural = _("daily roots")

    def __str__(self) -> str:
        return f"{self.made_on} {self.root[:12]}"


class DailyHead(models.Model):
    """One chain head under a daily root; kept by reference, so that a case cut out whole is missed."""

    root = models.ForeignKey(DailyRoot, models.PROTECT, related_name="heads")
    reference = models.CharField(_("reference"), max_length=20)
    seq = models.PositiveIntegerField(_("last event"))
    head = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("daily head")
        verbose_name_plural = _("daily heads")
        indexes = [
            # daily_roots: whether a root saw the event that a case says one saw.
            models.Index(fields=["reference", "seq"], name="daily_head_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}/{self.seq}"


class DailyRecord(models.Model):
    """One row of those that stand beside the events, as a daily root saw it first: a policy, a letter, who looked."""

    root = models.ForeignKey(DailyRoot, models.PROTECT, related_name="records")
    kind = models.CharField(_("what"), max_length=20)  # of keeping.records.KINDS
    key = models.CharField(_("key"), max_length=64)
    digest = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("daily record")
        verbose_name_plural = _("daily records")
        constraints = [
            # records.fresh: what no root has seen yet. A row never changes, so it is seen once.
            models.UniqueConstraint(fields=["kind", "key"], name="daily_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
