"""Rows by which people are let in: sessions, second factors, passkeys, who is asked for one, single sign-on."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """A browser's session; of who is signed in it also says since when, with which browser and when last seen."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    began_at = models.DateTimeField(_("signed in at"), null=True)
    seen_at = models.DateTimeField(_("last seen at"), null=True)
    browser = models.CharField(_("browser"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("session of a browser")
        verbose_name_plural = _("sessions of browsers")

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return what reads and writes these rows."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class CodeGenerator(models.Model):
    """An app that makes codes for somebody: the secret that it shares with us."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="code_generator")
    secret = models.JSONField(_("secret, sealed"))
    added_at = models.DateTimeField(_("added at"))
    last_step = models.BigIntegerField(_("step of the last code"), default=0)  # none up to it is good again

    class Meta:
        verbose_name = _("code generator")
        verbose_name_plural = _("code generators")

    def __str__(self) -> str:
        return f"{self.person_id}"


class RecoveryCode(models.Model):
    """A code for once, for who lost their second factor; the row goes when it is used."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["person", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"


class Passkey(models.Model):
    """A key that a device or a password manager holds for somebody, unlocked there."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(_("name"), max_length=80)
    site = models.CharField(_("host name that it is for"), max_length=253)
    credential_id = models.BinaryField(_("credential"), max_length=1023)
    # credentials are found by this; a unique index over a long binary would be wide
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    credential = models.BinaryField(_("credential data"))
    count = models.BigIntegerField(_("signature counter"), default=0)
    added_at = models.DateTimeField(_("added at"))
    used_at = models.DateTimeField(_("last used at"), null=True)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return self.name


class AskedRole(models.Model):
    """Whoever holds this role is asked for a second factor."""

    policy = models.CharField(_("policy"), max_length=100, blank=True)  # empty: a role of the organisation itself
    role = models.CharField(_("role"), max_length=100)

    class Meta:
        verbose_name = _("role that needs a second factor")
        verbose_name_plural = _("roles that need a second factor")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["policy", "role"], name="asked_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.policy}/{self.role}"


class Happening(models.Model):
    """Something that happened to how somebody signs in; they are told by mail where they did not see it themselves."""

    class Kind(models.TextChoices):
        CODES_ON = "codes_on", _("Codes of an app were set up as second factor")
        CODES_OFF = "codes_off", _("Codes of an app were taken away as second factor")
        RECOVERY_NEW = "recovery_new", _("New recovery codes were made")
        RECOVERY_USED = "recovery_used", _("A recovery code was used")
        PASSKEY_ADDED = "passkey_added", _("A passkey was added")
        PASSKEY_REMOVED = "passkey_removed", _("A passkey was removed")
        RESET = "reset", _("An administrator reset the second factor")
        IDENTITY = "identity", _("The account was connected with single sign-on")
        PASSWORD = "password", _("The password was changed")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="happenings")
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    about = models.CharField(_("about"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    available_at = models.DateTimeField(_("available at"), null=True)  # when it is mailed, or tried again; null: never
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("happening at an account")
        verbose_name_plural = _("happenings at accounts")
        indexes: ClassVar[list[models.Index]] = [
            # happenings.of: a person's, newest first.
            models.Index(fields=["person", "-id"], name="happening_person"),
            # alerts.accounts.send: what waits.
            models.Index(
                fields=["available_at"],
                condition=models.Q(sent_at__isnull=True, available_at__isnull=False),
                name="happening_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.at:%F %T}"


class Provider(models.Model):
    """Where people of the organisation sign in for all its programs."""

    class Kind(models.TextChoices):
        OPENID = "openid", _("OpenID Connect")
        SAML = "saml", _("SAML 2.0")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")
        WECOM = "wecom", _("WeCom")

    key = models.SlugField(_("key"), max_length=40, unique=True)  # in addresses
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OPENID)
    issuer = models.CharField(
        _("issuer"), max_length=500
    )  # of SAML its entity ID; elsewhere the organisation's id there
    client_id = models.CharField(_("client id"), max_length=300, blank=True)
    details = models.JSONField(_("what else its kind needs"), default=dict)
    secret = models.JSONField(_("client secret, sealed"), null=True)
    is_on = models.BooleanField(_("in use"), default=True)
    makes_accounts = models.BooleanField(_("makes accounts"), default=False)
    takes_addresses = models.BooleanField(_("its addresses are believed"), default=False)
    is_enough = models.BooleanField(_("asks for the second factor itself"), default=False)

    class Meta:
        verbose_name = _("provider of single sign-on")
        verbose_name_plural = _("providers of single sign-on")

    def __str__(self) -> str:
        return self.name


class Identity(models.Model):
    """Who somebody is at a provider: found by it from their first time on, whatever becomes of their address."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="identities")
    subject = models.CharField(_("subject"), max_length=255)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="identities")

    class Meta:
        verbose_name = _("identity at a provider")
        verbose_name_plural = _("identities at providers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["provider", "subject"], name="identity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.person_id}"


class Arrival(models.Model):
    """Whom a SAML assertion spoke of, until the browser that set out comes for it; each assertion is good once."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    assertion = models.CharField(_("digest of the assertion's id"), max_length=64, unique=True)
    handle = models.CharField(_("digest of the handle"), max_length=64, unique=True)
    said = models.JSONField(_("what it said, sealed"), null=True)  # null: taken
    until = models.DateTimeField(_("until"), db_index=True)

    class Meta:
        verbose_name = _("arrival from single sign-on")
        verbose_name_plural = _("arrivals from single sign-on")

    def __str__(self) -> str:
        return f"{self.provider_id} {self.until:%F %T}"
