"""What somebody, or a directory by itself, changed among the rows that may change."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """What somebody changed among the rows that may change: a role, a rate, a training record. Append-only."""

    kind = models.CharField(_("what"), max_length=20)  # of changes.KINDS
    key = models.CharField(_("key"), max_length=400)
    content = models.JSONField(_("as it was from then on"), null=True)  # null = gone
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    through = models.CharField(_("through"), max_length=120, blank=True, default="")  # the directory that did it itself
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("changes are only ever added to")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("changes are only ever added to")

    @property
    def who(self) -> str:
        """Return who made it, in words; nothing where a command did."""
        if self.by is not None:
            return str(self.by)
        return gettext("Directory {name}").format(name=self.through) if self.through else ""
