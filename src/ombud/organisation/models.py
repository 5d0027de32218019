"""Who there is, in which role, and which policy versions and calendar editions are known."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ombud.organisation import (  # noqa: F401  # models of the app
    absences,
    ceilings,
    competences,
    distributions,
    password_mail,
    rotas,
    sessions,
)
from ombud.organisation.change_log import Change as Change
from ombud.organisation.facts import House as House
from ombud.organisation.facts import NoticeVersion as NoticeVersion
from ombud.organisation.facts import Reach as Reach
from ombud.texts import Text, spoken, tag_of

# Roles of the organisation itself, held without a policy; a pack's roles belong to its policy.
MANAGER, AUDITOR, ADMINISTRATOR, POLICY_OWNER = "manager", "auditor", "administrator", "policy_owner"


def words(text: Text, language: str | None = None) -> str:
    """Return a text in the reader's language, or in the nearest that it has."""
    return spoken(text, language or reader_language())


def reader_language() -> str:
    """Return the language of the page that is being written, as packs write it: zh for zh-hans."""
    return tag_of(get_language() or settings.LANGUAGE_CODE)


class Person(AbstractUser):
    """A member of staff; complainants have no account."""

    first_name = None  # type: ignore[assignment]  # names are one text per language, not first and last
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=120, blank=True)
    names = models.JSONField(_("names by language"), default=dict, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    tz = models.CharField(_("time zone"), max_length=64, blank=True)
    is_demo = models.BooleanField(_("demo account"), default=False)  # signs in under OMBUD_DEMO=1 only

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return words(self.names) or self.name or self.username

    @property
    def key(self) -> str:
        """The opaque key that events and facts carry."""
        return f"p{self.pk}"

    @property
    def reads(self) -> str:
        """The language in which to write to them: their own, else the installation's."""
        return self.language or settings.LANGUAGE_CODE

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Department(models.Model):
    """A department as one policy knows it, synced from the published pack."""

    policy = models.CharField(_("policy"), max_length=100)
    key = models.CharField(_("key"), max_length=100)
    name = models.JSONField(_("name"), default=dict)
    is_service = models.BooleanField(_("service department"), default=False)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            # Events and facts name a department by its key; the policy makes it one row.
            models.UniqueConstraint(fields=["policy", "key"], name="department_key"),
        ]

    def __str__(self) -> str:
        return words(self.name) or self.key


class Office(models.Model):
    """A place with its own working time and zone."""

    key = models.CharField(_("key"), max_length=100, unique=True)  # policies that name the same key mean one place
    name = models.JSONField(_("name"), default=dict)
    tz = models.CharField(_("time zone"), max_length=64)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")

    def __str__(self) -> str:
        return words(self.name) or self.key


class Membership(models.Model):
    """A person holds a role under a policy, in a department or office where the role has one."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    policy = models.CharField(_("policy"), max_length=100, blank=True)  # empty: a role of the organisation itself
    role = models.CharField(_("role"), max_length=100)
    department = models.ForeignKey(Department, models.CASCADE, null=True, blank=True, verbose_name=_("department"))
    office = models.ForeignKey(Office, models.CASCADE, null=True, blank=True, verbose_name=_("office"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            # Coalesce, because two nulls are distinct and a membership without department could be entered twice.
            models.UniqueConstraint(
                "person",
                "policy",
                "role",
                Coalesce("department", Value(0)),
                Coalesce("office", Value(0)),
                name="membership_once",
            ),
        ]
        indexes = [
            # staff.roster: who holds which role of a policy.
            models.Index(fields=["policy", "role"], name="membership_policy_role"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.role}"


class PolicyVersion(models.Model):
    """One version of a pack with its sources, so that it can be loaded again for ever."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        CHECKED = "checked", _("checked")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    policy = models.CharField(_("policy"), max_length=100)
    version = models.CharField(_("version"), max_length=50)
    title = models.JSONField(_("title"), default=dict)
    hash = models.CharField(_("hash"), max_length=64, unique=True)  # of a draft: made up, it changes all the time
    sources = models.JSONField(_("sources"))  # file -> text
    revision = models.PositiveIntegerField(_("revision"), default=1)  # of a draft: grows with every change
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    effective_on = models.DateField(_("effective on"))
    drafted_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        constraints = [
            # A number is used once; that of a withdrawn draft may be given again.
            models.UniqueConstraint(
                fields=["policy", "version"], condition=~models.Q(status="withdrawn"), name="policy_version_once"
            ),
        ]
        indexes = [
            # publishing.in_force: the newest published version that is effective.
            models.Index(fields=["policy", "status", "-effective_on"], name="policy_version_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.version}"


class PolicyStep(models.Model):
    """What somebody did with a policy version. Append-only: here, and by a trigger in the database."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        EDITED = "edited", _("edited")
        CHECKED = "checked", _("checked")
        ACKNOWLEDGED = "acknowledged", _("warnings acknowledged")
        REOPENED = "reopened", _("taken back to be edited")
        APPROVED = "approved", _("approved")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")
        MIGRATED = "migrated", _("open cases taken over")

    version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="steps", verbose_name=_("policy version"))
    kind = models.CharField(_("step"), max_length=20, choices=Kind)
    # Empty where a command of the installation did it, which knows no person.
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("at"))
    note = models.TextField(_("reason"), blank=True)
    data = models.JSONField(_("details"), default=dict)  # files edited, findings counted, the hash approved

    class Meta:
        verbose_name = _("step of a policy version")
        verbose_name_plural = _("steps of policy versions")
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.version} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("steps are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("steps are never deleted")


class PolicyReport(models.Model):
    """What the checks found in a policy version; it never changes, so once they came to their end that holds."""

    version = models.OneToOneField(
        PolicyVersion, models.CASCADE, related_name="report", verbose_name=_("policy version")
    )
    content = models.JSONField(_("findings"), null=True)  # empty where the checks failed
    is_final = models.BooleanField(_("checked to the end"), default=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("report of the checks")
        verbose_name_plural = _("reports of the checks")

    def __str__(self) -> str:
        return str(self.version)


class ExchangeRate(models.Model):
    """A rate that somebody entered; it holds from its day on until the next one, and before any published rate."""

    currency = models.CharField(_("currency"), max_length=3)
    into = models.CharField(_("in units of"), max_length=3, default="CNY")
    day = models.DateField(_("day"))
    rate = models.DecimalField(_("rate"), max_digits=24, decimal_places=12)  # units of `into` for one of `currency`
    source = models.CharField(_("source"), max_length=200)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            # rates.quote: the one of the day, or the newest before it. A day has one rate; entering again replaces it.
            models.UniqueConstraint(fields=["currency", "into", "day"], name="exchange_rate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.rate} {self.into} {self.day}"


class TrainingRecord(models.Model):
    """An exam that somebody passed: what lets them do the acts that a policy keeps for the trained."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="training", verbose_name=_("person"))
    policy = models.CharField(_("policy"), max_length=100)
    exam = models.CharField(_("exam"), max_length=100)
    passed_on = models.DateField(_("passed on"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)  # the last day; none = for good
    score = models.CharField(_("score"), max_length=40, blank=True)
    evidence = models.UUIDField(_("evidence"), null=True, blank=True)  # an attachment, kept for this record
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_because = models.CharField(_("why revoked"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("training record")
        verbose_name_plural = _("training records")
        constraints = [
            # The same exam of the same day is recorded once, unless it was revoked.
            models.UniqueConstraint(
                fields=["policy", "exam", "person", "passed_on"],
                condition=Q(revoked_at__isnull=True),
                name="training_once",
            ),
        ]
        indexes = [
            # staff.Roster.is_qualified: what was passed under a policy; records of one person.
            models.Index(fields=["policy", "person", "exam", "-passed_on"], name="training_passed"),
            # training.records: the list of a policy, newest first.
            models.Index(fields=["policy", "-id"], name="training_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.exam}"


class Outsider(models.Model):
    """An authority or partner in the address book; a case takes over its address and keeps it as it was then."""

    role = models.CharField(_("stands for"), max_length=100)  # a role outside of some policy, such as regulator
    names = models.JSONField(_("names by language"), default=dict)
    country = models.CharField(_("country"), max_length=2, blank=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, verbose_name=_("office"))
    contact = models.CharField(_("contact person"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=100, blank=True)
    address = models.TextField(_("postal address"), blank=True)
    prefix = models.CharField(_("its reference numbers begin with"), max_length=40, blank=True)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("authority or partner")
        verbose_name_plural = _("authorities and partners")
        indexes = [
            # address_book.named: those that stand for a role.
            models.Index(fields=["role", "is_active"], name="outsider_role"),
        ]

    def __str__(self) -> str:
        return words(self.names)


class CalendarEdition(models.Model):
    """The holidays and announcements that were known when it was made; a case keeps the one that it was counted on."""

    edition = models.CharField(_("edition"), max_length=100, unique=True)
    hash = models.CharField(_("hash"), max_length=64, unique=True)
    baked = models.TextField(_("baked days"))  # text, since a database may store JSON in its own order of keys
    source = models.TextField(_("source"), blank=True)
    moves_dues = models.BooleanField(_("moves due times"), default=False)  # by a year or an announcement
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by"))
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name=_("takes back"))

    class Meta:
        verbose_name = _("calendar edition")
        verbose_name_plural = _("calendar editions")

    def __str__(self) -> str:
        return self.edition


class CalendarProposal(models.Model):
    """A change of working days that one person proposes and a manager decides on; it stays, whatever came of it."""

    class Verdict(models.TextChoices):
        ENTERED = "entered", _("in force")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    # One of two, or neither: to take over what the installed packages know.
    notice = models.JSONField(_("notice"), null=True)
    undoes = models.ForeignKey(
        CalendarEdition, models.PROTECT, null=True, related_name="+", verbose_name=_("takes back")
    )
    source = models.TextField(_("source"))
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"))
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    edition = models.OneToOneField(
        CalendarEdition, models.PROTECT, null=True, related_name="proposal", verbose_name=_("edition")
    )

    class Meta:
        verbose_name = _("proposed change of working days")
        verbose_name_plural = _("proposed changes of working days")
        indexes = [
            # calendar_decisions.waiting_for: the number beside Calendars, on every page of a manager.
            models.Index(fields=["proposed_by"], condition=Q(decided_at__isnull=True), name="calendar_waiting"),
        ]

    def __str__(self) -> str:
        return self.source
