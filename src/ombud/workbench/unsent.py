"""What somebody was writing when their session ended: kept sealed until they sign in again, for nobody else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from ombud.cases.keeping.unsent_words import SLOT, opened, sealed

WRITER = "ombud_writer"  # a signed cookie that outlives the session: whose typing this browser sends
_FOR = 30 * 24 * 3600
_MOST = 300_000  # characters: more than all fields of an act together
_OF_THE_FORM = re.compile(r"[A-Za-z0-9_.:=-]*\Z")  # ids, tokens and times; not a word of Chinese, however short
_DIALLED = 7  # digits of a number that somebody typed
_SECRET = ("csrfmiddlewaretoken", "password", "secret", "recovery")  # in the names of fields that nobody wants kept


def remember_writer(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser remember who is signed in, so that what they type can be told from anybody else's."""
    key = str(request.user.pk)
    if request.get_signed_cookie(WRITER, None, salt=WRITER) != key:
        response.set_signed_cookie(
            WRITER, key, salt=WRITER, max_age=_FOR, secure=settings.IS_SECURE, httponly=True, samesite="Lax"
        )


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page and from there back to where the form stands; what was sent is kept meanwhile."""
    if request.method == "POST":
        keep(request)
    answer: HttpResponse = redirect_to_login(page_of(request))
    if is_fragment(request):
        answer = HttpResponseClientRedirect(answer["Location"])
        answer.status_code = 401  # nothing is swapped in; a list that renews itself says so and stays
    return answer


def to_form(request: HttpRequest) -> HttpResponse:
    """Lead back to the form that was too old to be trusted, what was sent in it again."""
    keep(request)
    page = page_of(request)
    return HttpResponseClientRedirect(page) if is_fragment(request) else redirect(page)


def keep(request: HttpRequest, *, is_asked_again: bool = False) -> bool:
    """Keep what a form sent, but for its files, and return whether it is known whose it is."""
    signed_in = str(request.user.pk) if request.user.is_authenticated else None
    writer = signed_in or request.get_signed_cookie(WRITER, None, salt=WRITER, max_age=_FOR)
    typed = {
        name: values
        for name, values in request.POST.lists()
        if any(values) and not any(secret in name for secret in _SECRET)
    }
    if writer is None or not typed or sum(len(each) for values in typed.values() for each in values) > _MOST:
        return False
    unsent = {
        "writer": writer,
        "action": request.path,
        "page": page_of(request),
        "typed": typed,
        "is_asked_again": is_asked_again,  # who they are, and not signed out
        "had_files": any(file.size for files in request.FILES.lists() for file in files[1]),
    }
    request.session[SLOT] = sealed(unsent, now=timezone.now())
    return True


def of(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the person who is signed in had written; another person's is forgotten."""
    token = request.session.get(SLOT)
    if token is None:
        return None
    unsent = opened(token)
    if unsent["writer"] != str(request.user.pk):
        del request.session[SLOT]
        return None
    unsent["words"] = [each for values in unsent["typed"].values() for each in values if _is_typed(each)]
    unsent["fill"] = {"action": unsent["action"], "typed": unsent["typed"]}
    return unsent


def _is_typed(value: str) -> bool:
    """Return whether somebody would have to write it again: a choice and what the page carries are the form's own."""
    is_number = not value.strip("+0123456789-") and sum(map(str.isdigit, value)) >= _DIALLED
    return is_number or not _OF_THE_FORM.match(value)


def settle(request: HttpRequest) -> None:
    """Forget what was kept once the same form is sent again."""
    if request.method == "POST" and (unsent := of(request)) is not None and unsent["action"] == request.path:
        del request.session[SLOT]


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget what was kept."""
    request.session.pop(SLOT, None)
    return redirect(page_of(request))


def page_of(request: HttpRequest) -> str:
    """Return the page on which the request was made; only one of the desk's own."""
    asked = request.headers.get("HX-Current-URL") or (request.headers.get("Referer", "") if _sends(request) else "")
    if asked and url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(asked)
        if parts.path.startswith("/desk/"):
            return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.path if _sends(request) else request.get_full_path()


def _sends(request: HttpRequest) -> bool:
    return request.method not in ("GET", "HEAD")


def is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
