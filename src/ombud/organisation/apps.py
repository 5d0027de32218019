"""Django's entry for the app."""

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "ombud.organisation"
    default_auto_field = "django.db.models.BigAutoField"
