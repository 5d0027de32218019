"""How a page was narrowed, under a name: what stands in it each reader is shown by what they may see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 60


class SavedView(models.Model):
    """An address of a page without words that were searched for: those may name somebody."""

    class Page(models.TextChoices):
        REGISTER = "register", _("register")
        EXPLORE = "explore", _("explore")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", db_index=False, verbose_name=_("person")
    )
    page = models.CharField(_("page"), max_length=20, choices=Page)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    query = models.JSONField(_("narrowed by"), default=dict)
    # With whom it is shared: who holds this role; empty: nobody. The organisation's own roles are of no policy.
    policy = models.CharField(_("policy"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=100, blank=True)
    kept_at = models.DateTimeField(_("kept at"))

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            # keeping.keep: the same name again is the same view, changed.
            models.UniqueConstraint(fields=["person", "page", "name"], name="saved_view_once"),
        ]
        indexes = [
            # keeping.of: what is shared with a role.
            models.Index(fields=["policy", "role"], condition=~models.Q(role=""), name="saved_view_shared"),
        ]

    def __str__(self) -> str:
        return self.name
