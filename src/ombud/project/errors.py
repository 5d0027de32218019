"""Pages for what went wrong: they say what happened and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ombud.workbench import unsent


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Lead staff back to a form that was too old to be trusted, with what they typed; show others what happened.

    A form is too old where its writer has signed in anew in another tab. Only what our own page sent, as the
    browser vouches, is put into a form again.
    """
    is_our_page = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if is_our_page and request.path.startswith("/desk/") and not request.path.startswith("/desk/sign-"):
        return unsent.to_form(request) if request.user.is_authenticated else unsent.to_sign_in(request)
    return render(request, "403_csrf.html", status=403)
