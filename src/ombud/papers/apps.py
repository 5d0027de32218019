"""Django's entry for the app."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "ombud.papers"
    default_auto_field = "django.db.models.BigAutoField"
