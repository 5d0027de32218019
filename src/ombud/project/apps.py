"""What the project itself begins when a process starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class Project(AppConfig):
    """Settings, addresses and commands as an application of Django's: its templates, and whom faults are told to."""

    name = "ombud.project"

    def ready(self) -> None:
        """Tell faults, where the settings say to whom."""
        if settings.OMBUD_SENTRY_DSN:
            from ombud.project.watching import faults

            faults.begin(settings.OMBUD_SENTRY_DSN)
