"""The register's rows: the event log is the truth, everything else is derived from it or waits to be carried."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ombud.cases.references import shown
from ombud.organisation.models import CalendarEdition, Department, Office, PolicyVersion
from ombud.privacy.models import Complainant


class AppendOnly(TypeError):
    """Events are never changed or deleted."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Case(models.Model):
    """One matter under one procedure of one policy version; all but its identity is derived from its events."""

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    secret = models.CharField(_("secret's HMAC"), max_length=64, blank=True)
    policy = models.CharField(_("policy"), max_length=100)
    # Where folding begins; later events may change either.
    first_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False)
    first_edition = models.ForeignKey(CalendarEdition, models.PROTECT, related_name="+", db_index=False)
    procedure = models.CharField(_("procedure"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=16, default="zh")  # that it came in; facts have a later one
    # The complainant's, in which their letters say when; empty: the office's.
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    complainant = models.ForeignKey(Complainant, models.PROTECT, null=True, verbose_name=_("complainant"))
    source = models.CharField(_("source"), max_length=200, null=True, unique=True)  # noqa: DJ001  # an import's key: null for all others
    received_at = models.DateTimeField(_("received at"))
    # The matter that opened this one, and by which of its events.
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name=_("opened by"))
    parent_seq = models.PositiveIntegerField(_("opened by event"), null=True)
    # Derived by projections.project; verify compares them.
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", verbose_name=_("version"))
    edition = models.ForeignKey(CalendarEdition, models.PROTECT, related_name="+", verbose_name=_("edition"))
    phase = models.CharField(_("phase"), max_length=100)
    grades = models.JSONField(_("grades"), default=dict)
    department = models.ForeignKey(Department, models.PROTECT, null=True, verbose_name=_("department"))
    office = models.ForeignKey(Office, models.PROTECT, null=True, verbose_name=_("office"))
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("handler")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    next_due_at = models.DateTimeField(_("next due at"), null=True)
    next_duty = models.CharField(_("next duty"), max_length=200, blank=True)
    summary = models.JSONField(_("summary, sealed"), default=dict)  # subject and name for lists
    seq = models.PositiveIntegerField(_("last event"), default=0)
    head = models.CharField(_("hash of the last event"), max_length=64, blank=True)
    rooted_seq = models.PositiveIntegerField(_("last event in a daily root"), default=0)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            # lists.register and board: one phase, newest first.
            models.Index(fields=["phase", "-received_at", "-id"], name="case_phase"),
            # lists.register of one policy's complaints or other procedures, newest first.
            models.Index(fields=["policy", "procedure", "-received_at", "-id"], name="case_policy"),
            # lists.register filtered by department, handler, channel.
            models.Index(fields=["department", "-received_at", "-id"], name="case_department"),
            models.Index(
                fields=["office", "-received_at", "-id"], condition=Q(office__isnull=False), name="case_office"
            ),
            models.Index(
                fields=["handler", "-received_at", "-id"], condition=Q(handler__isnull=False), name="case_handler"
            ),
            models.Index(fields=["channel", "-received_at", "-id"], name="case_channel"),
            # lists.register sorted by due or filtered by overdue; only open cases owe anything.
            models.Index(fields=["next_due_at", "id"], condition=Q(next_due_at__isnull=False), name="case_next_due"),
            # lists.register by receipt, the order of every list, and by date range; figures.
            models.Index(fields=["received_at", "id"], name="case_received"),
            # retention.due: of a policy, what ended longest ago.
            models.Index(fields=["policy", "closed_at", "id"], condition=Q(closed_at__isnull=False), name="case_ended"),
        ]
        constraints = [
            # openings.open_all: however often it is tried, an event opens one matter.
            models.UniqueConstraint(
                fields=["parent", "parent_seq"], condition=Q(parent__isnull=False), name="case_opened_once"
            ),
        ]

    def __str__(self) -> str:
        return shown(self.reference)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Event(models.Model):
    """One thing that happened to a case. Append-only: here, and by a trigger in the database."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=200)
    occurred = models.BigIntegerField(_("occurred"))  # epoch seconds, as the engine counts and the hash covers
    recorded = models.BigIntegerField(_("recorded"))
    actor = models.CharField(_("actor"), max_length=64)
    role = models.CharField(_("role"), max_length=100)
    department = models.CharField(_("department"), max_length=100, null=True)  # noqa: DJ001  # absent is not empty to the engine
    office = models.CharField(_("office"), max_length=100, null=True)  # noqa: DJ001  # likewise
    data = models.JSONField(_("data"), default=dict)  # personal values sealed
    schema = models.PositiveSmallIntegerField(_("schema"), default=1)
    previous = models.CharField(_("hash before"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            # The lost race: two writers of one case cannot both write the same number. Also serves reading a case.
            models.UniqueConstraint(fields=["case", "seq"], name="event_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq} {self.act}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    @property
    def occurred_at(self) -> datetime:
        return datetime.fromtimestamp(self.occurred, UTC)

    @property
    def recorded_at(self) -> datetime:
        return datetime.fromtimestamp(self.recorded, UTC)


class Duty(models.Model):
    """One instance of a duty as the last event left it."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        PAUSED = "paused", _("paused")
        MET = "met", _("met")
        LATE = "late", _("late")
        ENDED = "ended", _("ended")
        CANCELLED = "cancelled", _("cancelled")
        WAIVED = "waived", _("waived")

    case = models.ForeignKey(Case, models.CASCADE, related_name="duties", db_index=False)
    duty = models.CharField(_("duty"), max_length=200)
    instance = models.PositiveIntegerField(_("instance"))
    revision = models.PositiveIntegerField(_("revision of due"))
    policy = models.CharField(_("policy"), max_length=100)
    clauses = models.JSONField(_("clauses"), default=list)
    do = models.JSONField(_("acts that discharge it"), default=list)
    role = models.CharField(_("role"), max_length=100, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    holder = models.CharField(_("holder"), max_length=250)  # holders.key: one string that my_duties looks for
    status = models.CharField(_("status"), max_length=10, choices=Status)
    opened_at = models.DateTimeField(_("opened at"))
    opened_seq = models.PositiveIntegerField(_("opened by event"))
    due_at = models.DateTimeField(_("due at"), null=True)
    done_at = models.DateTimeField(_("done at"), null=True)
    breached_at = models.DateTimeField(_("breached at"), null=True)
    is_provisional = models.BooleanField(_("provisional"), default=False)
    is_outsiders = models.BooleanField(_("an outsider's"), default=False)
    waits = models.BooleanField(_("waits for others"), null=True)  # null: settled, or not looked at since it is known

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            models.UniqueConstraint(fields=["case", "duty", "instance"], name="duty_instance"),
        ]
        indexes = [
            # owed.my_duties: what a holder owes, by due time, those that stand still apart; the case is asked for a
            # recusal, so that counting reads the index alone.
            models.Index(
                fields=["holder", "status", "due_at", "id", "case", "waits"],
                condition=Q(status__in=["open", "paused"], is_outsiders=False),
                name="duty_owed",
            ),
            # Figures: compliance by clause over a span of time.
            models.Index(fields=["policy", "duty", "opened_at"], name="duty_opened"),
            # Figures: all that began within a day, to be summed up.
            models.Index(fields=["policy", "opened_at"], name="duty_began"),
            # load.ahead: what is overdue or falls due; with what its condition asks, so that counting reads it alone.
            models.Index(
                fields=["policy", "due_at", "case", "status", "is_outsiders"],
                condition=Q(status="open", is_outsiders=False),
                name="duty_falls_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.duty}#{self.instance}"

    @property
    def was_late(self) -> bool:
        """Return whether it counts as late (`WAS_LATE` in queries): it was breached, and was not met after all."""
        return self.breached_at is not None and self.status != self.Status.MET

    def is_overdue(self, now: datetime) -> bool:
        """Return whether it is still owed after its time."""
        return self.status == self.Status.OPEN and self.due_at is not None and now > self.due_at


# `Duty.was_late`. `met` means done in time; events of schema 1 leave the breach beside it that was noted meanwhile.
WAS_LATE = Q(breached_at__isnull=False) & ~Q(status=Duty.Status.MET)


class Grade(models.Model):
    """One table's output for a case, beside Case.grades so that lists can filter by any grade."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="grade_rows", db_index=False)
    name = models.CharField(_("grade"), max_length=100)
    value = models.CharField(_("value"), max_length=100)
    received_at = models.DateTimeField(_("received at"))  # the case's own, to walk in the order of receipt

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="grade_once")]
        indexes = [
            # lists.register filtered by a grade, newest first.
            models.Index(fields=["name", "value", "-received_at", "-case"], name="grade_value"),
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class Participation(models.Model):
    """A department or person that has or had the case, and so may see it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="participations", db_index=False)
    viewer = models.CharField(_("viewer"), max_length=220)  # holders.viewer_*: a department, person or role
    received_at = models.DateTimeField(_("received at"))  # the case's own, to walk in the order of receipt

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = [models.UniqueConstraint(fields=["case", "viewer"], name="participation_once")]
        indexes = [
            # access.scope: the cases of a department or person, newest first.
            models.Index(fields=["viewer", "-received_at", "-case"], name="participation_viewer"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.viewer}"


class WakeUp(models.Model):
    """The next instant at which time does something to a case."""

    case = models.OneToOneField(Case, models.CASCADE, related_name="wake_up", primary_key=True)
    at = models.BigIntegerField(_("at"))  # epoch seconds
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)

    class Meta:
        verbose_name = _("wake-up")
        verbose_name_plural = _("wake-ups")
        indexes = [
            # clock.sweep: what is due first.
            models.Index(fields=["at"], name="wake_up_at"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at}"


class Outbox(models.Model):
    """Something to tell or send, written with the event that asks for it and carried afterwards."""

    kind = models.CharField(_("kind"), max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+", db_index=False)
    payload = models.JSONField(_("payload"), default=dict)
    dedupe = models.CharField(_("dedupe key"), max_length=200, unique=True)
    available_at = models.DateTimeField(_("not before"))
    lease_until = models.DateTimeField(_("lease"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done at"), null=True)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("outbox row")
        verbose_name_plural = _("outbox")
        indexes = [
            # notices.carry: what waits to be sent.
            models.Index(fields=["available_at", "id"], condition=Q(done_at__isnull=True), name="outbox_waiting"),
            # clock.tidy: what was sent long ago.
            models.Index(fields=["done_at"], condition=Q(done_at__isnull=False), name="outbox_done"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe}"
