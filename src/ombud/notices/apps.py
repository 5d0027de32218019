"""Django's entry for the app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "ombud.notices"
    default_auto_field = "django.db.models.BigAutoField"
