"""Django's entry for the app."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "ombud.insight.surveys"
    label = "surveys"
    default_auto_field = "django.db.models.BigAutoField"
