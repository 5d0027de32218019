"""Pages for what went wrong: they say what happened and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show that a form was too old to be trusted; the browser's back button keeps what was typed."""
    return render(request, "403_csrf.html", status=403)
