"""Before acts that cannot be taken back: whoever last proved who they are a while ago does so again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from ombud.signin import sessions
from ombud.workbench import unsent


def asked(request: HttpRequest) -> HttpResponse | None:
    """Return the way to the page that asks who they are, what was sent kept meanwhile; None where that is plain."""
    if sessions.is_proved(request.session, now=timezone.now()):
        return None
    if request.method == "POST":
        unsent.keep(request, is_asked_again=True)
    page = f"{reverse('sign_in_again')}?{urlencode({'next': unsent.page_of(request)})}"
    return HttpResponseClientRedirect(page) if unsent.is_fragment(request) else redirect(page)


def proved(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let what is sent to a page of the desk be done by who has lately proved who they are; reading is free."""

    @wraps(view)
    def handle(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        way = asked(request) if request.method == "POST" else None
        return way or view(request, *args, **kwargs)

    return handle
