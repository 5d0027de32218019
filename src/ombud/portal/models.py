"""How often somebody tried."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """Attempts of one kind by one caller within one window of time."""

    key = models.CharField(_("key"), max_length=64)
    window = models.BigIntegerField(_("window"))
    count = models.PositiveIntegerField(_("count"), default=1)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        # One row per caller and window: two processes that count at once meet in it.
        constraints = (models.UniqueConstraint(fields=["key", "window"], name="tally_once"),)
        indexes = (models.Index(fields=["window"], name="tally_old"),)  # for throwing old ones away

    def __str__(self) -> str:
        return f"{self.count} in {self.window}"
