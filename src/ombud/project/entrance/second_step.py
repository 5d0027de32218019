"""After the password: a code or a passkey is asked for, or set up where somebody's role needs one and has none."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ombud.interface.waiting import too_many_attempts
from ombud.organisation.models import Person
from ombud.project import sign_in_limits
from ombud.project.entrance import entering, setting_up
from ombud.project.entrance.code_form import CodeForm
from ombud.signin import factors, passkeys

STEP = "second"


@never_cache
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor."""
    now = timezone.now()
    half = entering.half(request, now=now)
    if half is None:
        return redirect("sign_in")
    ways = factors.ways(half.person)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and is_right(request, form, half.person, now=now):
        return entering.admit(request, half.person, half.target)
    context = {"form": form, "ways": ways, "can_passkey": factors.PASSKEY in ways and passkeys.can(request.get_host())}
    return render(request, "registration/second_step.html", context, status=422 if form.errors else 200)


def is_right(request: HttpRequest, form: CodeForm, person: Person, *, now: datetime) -> bool:
    """Return whether the code that was typed is right; looked at no oftener than a password. The form says why not."""
    name = person.get_username()
    wait = sign_in_limits.wait_for(request, name, now=now, step=STEP)
    if wait is not None:
        form.refuse(too_many_attempts(wait))
    elif factors.is_right(person, form.code, now=now):
        sign_in_limits.succeeded(request, name, step=STEP)
        return True
    else:
        form.refuse(_("This code is not right, or was used before. Codes of an app change every half a minute."))
    return False


@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up codes of an app where somebody's role needs a second factor and they have none; then they are in."""
    now = timezone.now()
    half = entering.half(request, now=now)
    if half is None or factors.ways(half.person):
        return redirect("sign_in")
    asked = setting_up.asked(request, half.person, now=now)
    if asked.codes is None:
        return setting_up.page(request, asked, is_owed=True)
    entering.let_in(request, half.person, now=now)
    response = setting_up.codes_page(request, asked.codes, half.target)
    sign_in_limits.know(response, half.person.get_username(), is_secure=settings.IS_SECURE)
    return response
