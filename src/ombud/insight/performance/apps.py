"""Django's entry for the app."""

from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "ombud.insight.performance"
    label = "performance"
    default_auto_field = "django.db.models.BigAutoField"
