"""Django's entry for the app."""

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    name = "ombud.interface"
