"""The workbench as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkbenchConfig(AppConfig):
    """The staff's pages."""

    name = "ombud.workbench"
    verbose_name = _("workbench")
