"""How it stands with the master keys and the backups: what seals, how far a rotation has come, when was backed up."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ombud.cases.keeping import backups_made
from ombud.privacy import rotations
from ombud.workbench import packs
from ombud.workbench.page import OVERSEERS, desk, person, show

#: What lies under a master key, by the names of the rotation's steps.
NAMES = {
    "complainants": gettext_lazy("Keys of complainants"),
    "evidence": gettext_lazy("Keys of evidence files"),
    "accounts": gettext_lazy("Passwords of accounts"),
    "second factors": gettext_lazy("Second factors"),
    "single sign-on": gettext_lazy("Single sign-on"),
    "directories": gettext_lazy("Directories"),
    "addresses of staff": gettext_lazy("Addresses of notices"),
    "mentions": gettext_lazy("Mentions in public"),
    "held complaints": gettext_lazy("Complaints that wait"),
    "waiting files": gettext_lazy("Files that wait"),
    "index": gettext_lazy("Search index, and by what people are known"),
    "messages": gettext_lazy("Addresses of messages"),
}
SHOWN = 20  # backups


@require_GET
@desk
def keys_page(request: HttpRequest) -> HttpResponse:
    """Show both; no key, and nothing from which one could be found."""
    now, reader = timezone.now(), person(request)
    if not packs.own_roles(reader) & OVERSEERS:
        raise PermissionDenied
    standing = rotations.standing()
    row = standing.rotation
    progress = rotations.progress(row) if row is not None and standing.is_under_way else []
    total = sum(of for _name, _done, of in progress)
    backups = backups_made.latest(SHOWN)
    hours = settings.OMBUD_BACKUP_HOURS
    context = {
        "standing": standing,
        "rotation": row,
        "progress": [(NAMES.get(name, name), done, of) for name, done, of in progress],
        "percent": 100 * sum(done for _name, done, _of in progress) // total if total else 100,
        "total": total,
        "may_retire": standing.may_retire_at is not None and standing.may_retire_at <= now,
        "in_file": settings.OMBUD_MASTER_KEY.file is not None,
        "backups": backups,
        "is_old": bool(hours) and (not backups or (now - backups[0].made_at).total_seconds() > hours * 3600),
    }
    return show(request, "workbench/keys.html", "keys", context, now=now)
