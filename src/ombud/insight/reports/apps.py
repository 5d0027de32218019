"""Django's entry for the app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "ombud.insight.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
