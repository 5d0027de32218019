"""Setting up codes of an app: a secret as picture and letters, one code as proof, recovery codes shown once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ombud.interface.qr import qr
from ombud.interface.waiting import too_many_attempts
from ombud.organisation import company
from ombud.organisation.models import Person, words
from ombud.privacy.sealing import Tampered
from ombud.project import sign_in_limits
from ombud.project.entrance.code_form import CodeForm
from ombud.signin import factors, totp

SLOT, STEP = "new_secret", "set-up"  # of the session; of what is counted


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Somebody who sets up an app."""

    person: Person
    secret: str
    form: CodeForm
    codes: list[str] | None  # the recovery codes, once it is done


def asked(request: HttpRequest, person: Person, *, now: datetime) -> Asked:
    """Take in the code of a new app, if one was sent."""
    secret = _secret(request, person)
    form = CodeForm(request.POST if request.method == "POST" else None, is_of_app=True)
    codes = None
    if form.is_valid():
        wait = sign_in_limits.wait_for(request, person.get_username(), now=now, step=STEP)
        if wait is not None:
            form.refuse(too_many_attempts(wait))
        else:
            codes = _set_up(form, person, secret, now)
    if codes is not None:
        sign_in_limits.succeeded(request, person.get_username(), step=STEP)
        request.session.pop(SLOT, None)
    return Asked(person=person, secret=secret, form=form, codes=codes)


def page(request: HttpRequest, asked: Asked, *, is_owed: bool) -> HttpResponse:
    """Show the secret, and ask for a code."""
    address = totp.address(asked.secret, account=asked.person.get_username(), house=words(company.house().names))
    context = {
        "form": asked.form,
        "qr": qr(address),
        "secret": " ".join(asked.secret[n : n + 4] for n in range(0, len(asked.secret), 4)),
        "is_owed": is_owed,
    }
    return render(request, "registration/second_factor.html", context, status=422 if asked.form.errors else 200)


def codes_page(request: HttpRequest, codes: list[str], target: str) -> HttpResponse:
    """Show recovery codes: on this page alone, in no session and in no address."""
    return render(request, "registration/recovery_codes.html", {"codes": codes, "target": target})


def _set_up(form: CodeForm, person: Person, secret: str, now: datetime) -> list[str] | None:
    try:
        return factors.set_up_codes(person, secret, form.code, now=now)
    except factors.FactorError:
        form.refuse(_("This is not the code that the app shows now. Is the phone's clock right?"))
        return None


def _secret(request: HttpRequest, person: Person) -> str:
    """Return the secret that the page shows: the same until it is taken, so that one may look twice."""
    kept = request.session.get(SLOT)
    try:
        if kept is not None:
            return factors.opened(person, kept)
    except Tampered:  # another person's, who sat here before
        pass
    secret = totp.new_secret()
    request.session[SLOT] = factors.seal(person, secret)
    return secret
