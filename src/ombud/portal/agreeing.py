"""The company's privacy notice beside a complaint: who files agrees to it as it is."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ombud.organisation import company

AGREED = "agreed"  # what the form says of it: the hash of the notice that was shown
_MISSING = _("Say that you have read how we treat your data, then send it.")
_CHANGED = _("Our notice on how we treat your data was changed meanwhile. Read it again, then send it.")


def current() -> str:
    """Return the hash of the notice as it is now; empty where the company has none."""
    return company.notice_hash(company.house().notice)


def not_agreed(request: HttpRequest) -> str | Promise:
    """Return why nothing can be sent yet; empty where it was agreed to, or there is nothing to agree to."""
    said, now = request.POST.get(AGREED, ""), current()
    if not now or said == now:
        return ""
    return _CHANGED if said else _MISSING
