"""Rows of directories: who they are, whom and which groups they tell of, what groups stand for, what was read."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.organisation.models import Department, Membership, Office


class Directory(models.Model):
    """A directory outside that tells who is there: it calls us (SCIM), or we read it (an address book)."""

    class Kind(models.TextChoices):
        SCIM = "scim", _("SCIM 2.0 (Okta, Entra ID and others)")
        WECOM = "wecom", _("WeCom address book")
        DINGTALK = "dingtalk", _("DingTalk address book")
        FEISHU = "feishu", _("Feishu address book")

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True)  # under which its secret is sealed
    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    client_id = models.CharField(_("id of our program there"), max_length=200, blank=True)
    url = models.CharField(_("address"), max_length=500, blank=True)  # empty: the provider's own
    secret = models.JSONField(_("secret, sealed"), null=True)
    is_on = models.BooleanField(_("in use"), default=True)
    every = models.PositiveSmallIntegerField(_("hours between two readings"), default=0)  # 0: by hand
    most_leaving = models.PositiveSmallIntegerField(_("most that leave unasked, in percent"), default=10)
    only_mapped = models.BooleanField(_("only people of groups that stand for a role"), default=True)
    trusts_own_mail = models.BooleanField(_("trusts addresses that people enter themselves"), default=False)
    invites = models.BooleanField(_("invites new people by mail"), default=False)
    next_at = models.DateTimeField(_("is read next at"), null=True)
    seen_at = models.DateTimeField(_("was last there at"), null=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)

    class Meta:
        verbose_name = _("directory")
        verbose_name_plural = _("directories")

    def __str__(self) -> str:
        return self.name

    @property
    def is_book(self) -> bool:
        """Return whether we read it."""
        return self.kind != self.Kind.SCIM


class ScimToken(models.Model):
    """A secret by which a directory calls; only its HMAC is kept, and it is good for SCIM alone."""

    directory = models.ForeignKey(Directory, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=120)
    digest = models.CharField(_("HMAC of the token"), max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"), null=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True)  # to the minute
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    class Meta:
        verbose_name = _("SCIM token")
        verbose_name_plural = _("SCIM tokens")

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class Entry(models.Model):
    """A person as a directory tells of them. Nobody is told of by two: one could not say that they left."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    directory = models.ForeignKey(Directory, models.CASCADE, related_name="entries")
    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="directory_entry")
    external_id = models.CharField(_("id there"), max_length=255, blank=True)
    told = models.JSONField(_("what only the directory says"), default=dict)
    is_active = models.BooleanField(_("is there, as the directory says"), default=True)
    made_at = models.DateTimeField(_("made at"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("entry of a directory")
        verbose_name_plural = _("entries of directories")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # people.take_in: one entry for one person there.
            models.UniqueConstraint(
                fields=["directory", "external_id"], condition=~models.Q(external_id=""), name="entry_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directory_id} {self.external_id}"


class Group(models.Model):
    """A group or department there. By itself it gives nobody anything."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    directory = models.ForeignKey(Directory, models.CASCADE, related_name="groups")
    external_id = models.CharField(_("id there"), max_length=255, blank=True)
    name = models.CharField(_("name"), max_length=255)
    parent = models.CharField(_("id of the one above it"), max_length=255, blank=True)  # of address books
    version = models.PositiveIntegerField(_("version"), default=1)
    made_at = models.DateTimeField(_("made at"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("group of a directory")
        verbose_name_plural = _("groups of directories")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["directory", "external_id"], condition=~models.Q(external_id=""), name="directory_group_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """Who is in a group; of a department there, who is in one below it too."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="members")
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="groups")

    class Meta:
        verbose_name = _("member of a group")
        verbose_name_plural = _("members of groups")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["group", "entry"], name="directory_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.entry_id}"


class Mapping(models.Model):
    """What a group stands for: whoever is in it holds this role."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="mappings")
    policy = models.CharField(_("policy"), max_length=100, blank=True)  # empty: a role of the organisation itself
    role = models.CharField(_("role"), max_length=100)
    department = models.ForeignKey(Department, models.CASCADE, null=True, verbose_name=_("department"))
    office = models.ForeignKey(Office, models.CASCADE, null=True, verbose_name=_("office"))

    class Meta:
        verbose_name = _("what a group stands for")
        verbose_name_plural = _("what groups stand for")

    def __str__(self) -> str:
        return f"{self.group_id} {self.policy}/{self.role}"


class Granted(models.Model):
    """A role that somebody holds because of a group: it goes when they are in none any more that stands for it."""

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="granted")

    class Meta:
        verbose_name = _("role given by a directory")
        verbose_name_plural = _("roles given by directories")

    def __str__(self) -> str:
        return f"{self.membership_id}"


class Reading(models.Model):
    """One time that an address book was read: what would change, and what came of it."""

    class State(models.TextChoices):
        ASKED = "asked", _("is being read")
        PLANNED = "planned", _("waits for your look")
        HELD = "held", _("stopped: too many would leave")
        APPROVED = "approved", _("is being carried out")
        DONE = "done", _("carried out")
        FAILED = "failed", _("failed")
        DROPPED = "dropped", _("dropped")

    OPEN: ClassVar[tuple[str, ...]] = (State.ASKED, State.PLANNED, State.HELD, State.APPROVED)

    directory = models.ForeignKey(Directory, models.CASCADE, related_name="readings")
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField(_("asked at"))  # without asked_by: by the clock
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    lease_until = models.DateTimeField(_("leased until"), null=True)
    lines = models.JSONField(_("what would change, line by line"), default=list)
    groups = models.JSONField(_("groups and who is in them"), default=dict)  # emptied once it has ended
    counts = models.JSONField(_("numbers"), default=dict)
    problems = models.JSONField(_("what could not be done"), default=list)
    code = models.CharField(_("why it failed"), max_length=40, blank=True)
    about = models.CharField(_("in the words of the provider"), max_length=300, blank=True)
    told_at = models.DateTimeField(_("administrators were told at"), null=True)

    class Meta:
        verbose_name = _("reading of an address book")
        verbose_name_plural = _("readings of address books")
        indexes: ClassVar[list[models.Index]] = [
            # reading.run: what waits for the clock.
            models.Index(fields=["id"], condition=models.Q(state__in=("asked", "approved")), name="reading_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.directory_id} {self.asked_at:%F %T}"
