"""Django's entry for the app."""

from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "ombud.signin"
    default_auto_field = "django.db.models.BigAutoField"
