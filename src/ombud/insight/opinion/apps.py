"""Django's entry for the app."""

from django.apps import AppConfig


class OpinionConfig(AppConfig):
    name = "ombud.insight.opinion"
    label = "opinion"
    default_auto_field = "django.db.models.BigAutoField"
