"""Django's entry for the app."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "ombud.insight"
    default_auto_field = "django.db.models.BigAutoField"
