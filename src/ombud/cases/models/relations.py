"""What ties cases to one another and to people: who must not see one, groups, and entries in ledgers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.models.register import Case
from ombud.organisation.models import NoticeVersion


class Recusal(models.Model):
    """A person who must not see a case; it does not exist for them."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="recusals", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("at"))
    # One person asks that it be lifted, another one lifts it.
    lift_reason = models.TextField(_("why it is lifted"), blank=True)
    lift_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    lift_asked_at = models.DateTimeField(_("asked to be lifted at"), null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    lifted_at = models.DateTimeField(_("lifted at"), null=True)

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints = [
            # access.kept_out: whether somebody is out of a case; what was lifted stays on record beside it.
            models.UniqueConstraint(fields=["case", "person"], condition=Q(lifted_at__isnull=True), name="recusal_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"


class Confidant(models.Model):
    """A person whom the list of a confidential case names: it exists for nobody else; derived from the case's events.

    A case is confidential as long as anybody is named.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="confidants", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("confidant")
        verbose_name_plural = _("confidants")
        constraints = [
            # access.kept_out: whether a case is confidential, and whom it names.
            models.UniqueConstraint(fields=["case", "person"], name="confidant_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.person_id}"


class Agreement(models.Model):
    """Which privacy notice the complainant of a case agreed to, in which language, and when; it names nobody."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="agreement")
    notice = models.ForeignKey(NoticeVersion, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=16)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("agreement to a privacy notice")
        verbose_name_plural = _("agreements to privacy notices")

    def __str__(self) -> str:
        return f"{self.case_id} {self.notice}"


class CaseLink(models.Model):
    """A case that belongs to a group under a lead case, for as long as it does; derived from the member's events."""

    member = models.ForeignKey(Case, models.CASCADE, related_name="links", db_index=False)
    lead = models.ForeignKey(Case, models.CASCADE, related_name="members", db_index=False)
    seq = models.PositiveIntegerField(_("linked by event"))  # of the member
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    refused = models.JSONField(_("what it refused"), default=dict)  # the lead's act that this case could not follow

    class Meta:
        verbose_name = _("link to a lead case")
        verbose_name_plural = _("links to lead cases")
        constraints = [
            models.UniqueConstraint(fields=["member", "seq"], name="case_link_event"),
            # groups.lead_of: a case belongs to one group at a time.
            models.UniqueConstraint(fields=["member"], condition=Q(until__isnull=True), name="case_link_once"),
        ]
        indexes = [
            # groups.members: the members of a lead case, oldest first.
            models.Index(fields=["lead", "id"], name="case_link_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} -> {self.lead_id}"


class LedgerEntry(models.Model):
    """What an act wrote down about a person, in one of the policy's ledgers; derived from the case's events."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="ledger_entries", db_index=False)
    seq = models.PositiveIntegerField(_("event"))
    policy = models.CharField(_("policy"), max_length=100)
    ledger = models.CharField(_("ledger"), max_length=100)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    points = models.BigIntegerField(_("points"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("entry of a ledger")
        verbose_name_plural = _("entries of ledgers")
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="ledger_event"),
        ]
        indexes = [
            # ledgers.entries: of a ledger, newest first; of one person in it.
            models.Index(fields=["policy", "ledger", "-id"], name="ledger_newest"),
            models.Index(fields=["person", "policy", "ledger", "at"], name="ledger_person"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} {self.case_id}/{self.seq}"
