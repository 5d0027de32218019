"""What `ombud serve` runs: Django behind the front that takes requests in."""

from __future__ import annotations

from django.conf import settings

from ombud.project.front import Front
from ombud.project.wsgi import application

front = Front(
    application,
    threads=settings.OMBUD_WEB_THREADS,
    limit=settings.OMBUD_MAX_UPLOAD_MB * 1024 * 1024,
    is_behind_proxy=settings.OMBUD_BEHIND_PROXY,
)
