"""Django's entry for the app."""

from django.apps import AppConfig


class CorrespondenceConfig(AppConfig):
    name = "ombud.correspondence"
    default_auto_field = "django.db.models.BigAutoField"
