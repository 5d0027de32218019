"""Django's entry for the app."""

from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    name = "ombud.insight.alarms"
    label = "alarms"
    default_auto_field = "django.db.models.BigAutoField"
