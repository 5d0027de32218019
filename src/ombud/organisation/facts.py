"""Where people reach the company and who it is: its own words, links and pictures, on pages, mails and papers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ombud.texts import CHINESE, spoken

SHORT = 8  # letters of a hash by which people tell notices apart


class Reach(models.Model):
    """How a channel of a policy is reached here: its numbers, addresses, names of accounts, and a link to it."""

    policy = models.CharField(_("policy"), max_length=100)
    channel = models.CharField(_("channel"), max_length=100)
    text = models.CharField(_("how it is reached"), max_length=500, blank=True)
    link = models.CharField(_("link"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("how a channel is reached")
        verbose_name_plural = _("how channels are reached")
        # company.of_policy: one for each channel.
        constraints = (models.UniqueConstraint(fields=["policy", "channel"], name="reach_once"),)

    def __str__(self) -> str:
        return f"{self.policy}/{self.channel}"


class NoticeVersion(models.Model):
    """The privacy notice in all its languages as it was when somebody agreed to it; never changed."""

    hash = models.CharField(_("hash of the notice"), max_length=64, unique=True)  # company.notice_hash
    texts = models.JSONField(_("privacy notice"))
    kept_at = models.DateTimeField(_("first agreed to at"))

    class Meta:
        verbose_name = _("privacy notice as it was")
        verbose_name_plural = _("privacy notices as they were")

    def __str__(self) -> str:
        return self.hash[:SHORT]


class House(models.Model):
    """Who the company is towards complainants: one row at most."""

    names = models.JSONField(_("name of the company"), default=dict, blank=True)  # each: language -> text
    addresses = models.JSONField(_("address"), default=dict, blank=True)
    notice = models.JSONField(_("privacy notice"), default=dict, blank=True)
    logo = models.BinaryField(_("logo"), default=bytes, blank=True)  # PNG or JPEG, on papers and complainants' pages
    seal = models.BinaryField(_("seal"), default=bytes, blank=True)  # likewise, below a letter's text
    colour = models.CharField(_("colour"), max_length=7, blank=True)  # #rrggbb, of complainants' pages

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return spoken(self.names, CHINESE)
