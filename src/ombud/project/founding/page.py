"""The page of founding: how far each step is, and what `ombud doctor` still finds missing."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ombud.organisation.models import ADMINISTRATOR
from ombud.project import doctor
from ombud.project.founding.steps import steps
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

#: What the doctor looked at, as the page calls it.
TITLES = {
    "settings": gettext_lazy("Settings"), "address": gettext_lazy("Address of the pages"), "disk": gettext_lazy("Disk"),
    "fonts": gettext_lazy("Fonts"), "evidence": gettext_lazy("Evidence"), "database": gettext_lazy("Database"),
    "time": gettext_lazy("Time"), "keys": gettext_lazy("Keys"), "clock": gettext_lazy("Clock"),
    "outbox": gettext_lazy("Outbox"), "mail": gettext_lazy("Mail to staff"), "people": gettext_lazy("People"),
    "policies": gettext_lazy("Policies"), "time stamps": gettext_lazy("Time stamps"),
    "backup": gettext_lazy("Backup"), "master key": gettext_lazy("Master key"),
}  # fmt: skip


def need_administrator(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the reader is an administrator."""
    if ADMINISTRATOR not in packs.own_roles(person(request)):
        raise PermissionDenied


@require_GET
@desk
def founding(request: HttpRequest) -> HttpResponse:
    """Show the steps, and below them what is still to be done."""
    need_administrator(request)
    now = timezone.now()
    found, missing = steps(now), [each for each in doctor.findings() if each.state != doctor.GOOD]
    context = {
        "steps": found,
        "done": sum(step.is_done for step in found),
        "missing": [(TITLES[each.what], each) for each in sorted(missing, key=lambda each: each.state != doctor.WRONG)],
    }
    return show(request, "founding/founding.html", "founding", context, now=now)
