"""What other systems are told of cases: one row for each event and each of them, with what became of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models import Case
from ombud.correspondence.models import Account


class Delivery(models.Model):
    """One event of a case that one subscriber is told of; what is said is made of the event when it is sent."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waits")
        SENT = "sent", _("taken")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="deliveries", db_index=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+", db_index=False)
    seq = models.PositiveIntegerField(_("event"))
    kind = models.CharField(_("what happened"), max_length=20)  # of subscribers.kinds
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    made_at = models.DateTimeField(_("made at"))
    available_at = models.DateTimeField(_("not before"))
    lease_until = models.DateTimeField(_("lease"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    answer = models.CharField(_("answer"), max_length=300, blank=True)  # status and the other side's words, masked
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            # noting.note: an event is told once, whoever looks. Serves the order within a case, too.
            models.UniqueConstraint(fields=["account", "case", "seq"], name="delivery_once"),
        ]
        indexes = [
            # delivering.deliver: what waits at a subscriber.
            models.Index(fields=["account", "available_at"], condition=Q(state="queued"), name="delivery_waiting"),
            # subscribers' log: newest first.
            models.Index(fields=["account", "-made_at", "-id"], name="delivery_log"),
            # delivering.tidy: what was over long ago.
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="delivery_done"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.case_id}/{self.seq} {self.state}"
