"""What other systems are told of cases, and complaints that have arrived and wait until there is room."""

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


class HeldComplaint(models.Model):
    """A complaint beyond what is taken in within an hour: it has arrived, and waits until there is room."""

    class State(models.TextChoices):
        WAITS = "waits", _("waits for its turn")
        TAKEN = "taken", _("taken in")
        REFUSED = "refused", _("refused by the policy")
        ASIDE = "aside", _("put aside")

    key = models.CharField(_("key of the draft"), max_length=64, unique=True)
    policy = models.CharField(_("policy"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100)
    place = models.CharField(_("stands for the address"), max_length=64)
    sealed = models.JSONField(_("what was sent, sealed"), default=dict)  # emptied once it waits no longer
    held_at = models.DateTimeField(_("arrived at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITS)
    reference = models.CharField(_("reference"), max_length=20, blank=True)
    by = models.ForeignKey("organisation.Person", models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("held complaint")
        verbose_name_plural = _("held complaints")
        indexes = [
            # holding.take_in: of each address the one that came first.
            models.Index(fields=["place", "id"], condition=Q(state="waits"), name="held_waiting"),
            # holding.take_in: what was settled long ago.
            models.Index(fields=["settled_at"], condition=Q(settled_at__isnull=False), name="held_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.held_at:%Y-%m-%d %H:%M} {self.state}"
