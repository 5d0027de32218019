"""Django's entry for the app."""

from django.apps import AppConfig


class ModelCasesConfig(AppConfig):
    name = "ombud.insight.model_cases"
    label = "model_cases"
    default_auto_field = "django.db.models.BigAutoField"
