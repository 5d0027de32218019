"""How and where somebody is signed in: their sessions, second factors, passkeys, and what happened to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ombud.project.entrance import browsers, setting_up
from ombud.signin import factors, happenings, passkeys, sessions
from ombud.signin.factors import FactorError
from ombud.signin.models import CodeGenerator, Identity, Passkey, RecoveryCode
from ombud.workbench import again
from ombud.workbench.page import desk, person, show

PROBLEMS = {
    "needed": gettext_lazy("Your role needs a second factor. Set up another one first."),
    "nothing": gettext_lazy("There is no second factor that they would stand in for."),
}


@require_GET
@desk
def my_sign_in(request: HttpRequest) -> HttpResponse:
    """Show where somebody is signed in, and by what."""
    reader, now = person(request), timezone.now()
    places = sessions.of(reader, here=request.session.session_key, now=now)
    context: dict[str, Any] = {
        "places": [(place, browsers.told(place.browser)) for place in places],
        "generator": CodeGenerator.objects.filter(person=reader).first(),
        "recovery_codes": RecoveryCode.objects.filter(person=reader).count(),
        "passkeys": Passkey.objects.filter(person=reader).order_by("id"),
        "can_passkey": passkeys.can(request.get_host()),
        "is_asked": factors.is_asked(reader),
        "identities": Identity.objects.filter(person=reader).select_related("provider").order_by("id"),
        "happenings": happenings.of(reader),
        "has_password": reader.has_usable_password(),
        "is_proved": sessions.is_proved(request.session, now=now),
    }
    return show(request, "my_sign_in.html", "", context, now=now)


@require_POST
@desk
def end(request: HttpRequest) -> HttpResponse:
    """Sign somebody out of one other browser, or of all of them."""
    reader, here = person(request), request.session.session_key
    handle = request.POST.get("session", "")
    if handle:
        sessions.end(reader, handle)
        messages.success(request, _("Signed out there."))
        return redirect("desk_sessions")
    ended = sessions.end_others(reader, here)
    words = ngettext("Signed out of {n} other browser.", "Signed out of {n} other browsers.", ended)
    messages.success(request, words.format(n=ended))
    return redirect("desk_sessions")


@never_cache
@require_http_methods(["GET", "POST"])
@desk
def codes(request: HttpRequest) -> HttpResponse:
    """Set up codes of an app."""
    if (way := again.asked(request)) is not None:
        return way
    asked = setting_up.asked(request, person(request), now=timezone.now())
    if asked.codes is None:
        return setting_up.page(request, asked, is_owed=False)
    return setting_up.codes_page(request, asked.codes, reverse("desk_sessions"))


@never_cache
@require_POST
@desk
@again.proved
def recovery(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes."""
    try:
        made = factors.renew_recovery_codes(person(request), now=timezone.now())
    except FactorError as error:
        messages.error(request, str(PROBLEMS[error.code]))
        return redirect("desk_sessions")
    return setting_up.codes_page(request, made, reverse("desk_sessions"))


@require_POST
@desk
@again.proved
def take_away(request: HttpRequest) -> HttpResponse:
    """Take codes of an app, or a passkey, away."""
    reader, now, named = person(request), timezone.now(), request.POST.get("passkey", "")
    try:
        if named:
            factors.take_passkey_away(reader, int(named) if named.isascii() and named.isdigit() else 0, now=now)
        else:
            factors.take_codes_away(reader, now=now)
    except FactorError as error:
        messages.error(request, str(PROBLEMS[error.code]))
    else:
        messages.success(request, _("Taken away."))
    return redirect("desk_sessions")
