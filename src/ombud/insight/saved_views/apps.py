"""Django's entry for the app."""

from django.apps import AppConfig


class SavedViewsConfig(AppConfig):
    name = "ombud.insight.saved_views"
    label = "saved_views"
    default_auto_field = "django.db.models.BigAutoField"
