"""Django's entry for the app."""

from django.apps import AppConfig


class ClockConfig(AppConfig):
    name = "ombud.clock"
    default_auto_field = "django.db.models.BigAutoField"
