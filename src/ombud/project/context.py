"""What every template may lean on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ombud.organisation import company


def installation(request: HttpRequest) -> dict[str, Any]:
    """Return what templates need to know of the installation."""
    return {
        "is_demo": settings.OMBUD_DEMO,
        "base_url": settings.OMBUD_BASE_URL,
        "company": SimpleLazyObject(company.shown),  # asked for by complainants' pages alone
    }
