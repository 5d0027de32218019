"""Django's entry for the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ExportsConfig(AppConfig):
    name = "ombud.insight.exports"
    label = "exports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """See to the views around every migration, whoever starts it: by hand, at a start, in a test."""
        from ombud.insight.exports import sql_views

        pre_migrate.connect(sql_views.before_migrations, sender=self)
        post_migrate.connect(sql_views.after_migrations, sender=self)
