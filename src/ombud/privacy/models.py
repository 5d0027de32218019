"""Rows that keep personal data apart: keys, blind indexes, who looked, who guesses."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Complainant(models.Model):
    """One complainant's key; what it seals is gone for ever once the key is destroyed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wrapped_key = models.BinaryField(_("wrapped key"), null=True)  # by the master key; null = erased
    created_at = models.DateTimeField(_("created at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("complainant")
        verbose_name_plural = _("complainants")

    def __str__(self) -> str:
        return str(self.id)


class BlindIndex(models.Model):
    """The HMAC of a telephone number, address or order number: finds exactly it, tells nothing."""

    complainant = models.ForeignKey(Complainant, models.CASCADE, related_name="blind_indexes")
    kind = models.CharField(_("kind"), max_length=20)
    digest = models.CharField(_("digest"), max_length=64)
    generation = models.PositiveSmallIntegerField(_("master key"), default=1)  # the number of the one that it is under

    class Meta:
        verbose_name = _("blind index")
        verbose_name_plural = _("blind indexes")
        constraints = [
            models.UniqueConstraint(fields=["complainant", "kind", "digest"], name="blind_index_once"),
        ]
        indexes = [
            # cases.repeats: the complainants behind a telephone number, address or order number.
            models.Index(fields=["kind", "digest"], name="blind_index_lookup"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.digest[:8]}"


class InheritedKey(models.Model):
    """A key that stays what it is whichever master key comes: what it made is with people and other systems."""

    purpose = models.CharField(_("what it is for"), max_length=40, primary_key=True)
    wrapped = models.BinaryField(_("wrapped key"))
    under = models.PositiveSmallIntegerField(_("master key"))  # the number of the one that wraps it

    class Meta:
        verbose_name = _("inherited key")
        verbose_name_plural = _("inherited keys")

    def __str__(self) -> str:
        return self.purpose


class KeyRotation(models.Model):
    """A master key that takes another's place, and how far what the other sealed has come."""

    generation = models.PositiveSmallIntegerField(_("master key"), unique=True)
    mark = models.CharField(_("mark"), max_length=8)
    begun_at = models.DateTimeField(_("begun at"))
    step = models.CharField(_("step"), max_length=40, blank=True)
    after = models.CharField(_("what was done last of it"), max_length=64, blank=True)
    done = models.JSONField(_("done"), default=dict)  # step -> how many were looked at
    of = models.JSONField(_("of how many"), default=dict)  # step -> rows there were when it began
    moved = models.PositiveBigIntegerField(_("sealed anew"), default=0)
    indexed_at = models.DateTimeField(_("found under both keys since"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    retired_at = models.DateTimeField(_("old key retired at"), null=True)

    class Meta:
        verbose_name = _("rotation of the master key")
        verbose_name_plural = _("rotations of the master key")

    def __str__(self) -> str:
        return f"{self.generation}: {self.step or '-'}"


class Access(models.Model):
    """Somebody saw personal data unmasked who normally sees it masked, and why."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    reference = models.CharField(_("case"), max_length=20)
    what = models.CharField(_("what"), max_length=200)
    reason = models.TextField(_("reason, sealed"))  # JSON, under the case's key; empty where there was none left
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [
            # log.note: what somebody looked into within the day.
            models.Index(fields=["person", "at"], name="access_of_person"),
            # cases.reading.access_log: the newest of all.
            models.Index(fields=["-at", "-id"], name="access_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.reference} {self.at:%F %T}"

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise TypeError("The access log is only ever added to.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]  # handed through as it came

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("The access log is only ever added to.")


class Attempt(models.Model):
    """How often something secret was tried in a window of time."""

    key = models.CharField(_("what was tried"), max_length=100, primary_key=True)
    window_at = models.DateTimeField(_("window"))
    count = models.PositiveIntegerField(_("count"))

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            # throttle.tidy: windows long past.
            models.Index(fields=["window_at"], name="attempt_window"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
