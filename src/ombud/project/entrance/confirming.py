"""Who are you, again: asked before acts that cannot be taken back, answered with a password or a second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ombud.interface.waiting import too_many_attempts
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person
from ombud.project import sign_in_limits
from ombud.signin import factors, passkeys, sessions, single_sign_on
from ombud.workbench.page import desk, person

STEP = "again"
_CODE = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}


class AgainForm(forms.Form):
    """A password, or a code."""

    password = forms.CharField(
        label=gettext_lazy("Password"), required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip
    recovery_or_code = WordsField(
        label=pgettext_lazy("second factor", "Code"), required=False, max_length=40, widget=forms.TextInput(attrs=_CODE)
    )

    def __init__(self, data: Any, reader: Person, ways: frozenset[str]) -> None:
        super().__init__(data)
        if not reader.has_usable_password():
            del self.fields["password"]
        if not ways & {factors.CODE, factors.RECOVERY}:
            del self.fields["recovery_or_code"]
        if len(self.fields) == 1:
            next(iter(self.fields.values())).required = True


@never_cache
@require_http_methods(["GET", "POST"])
@desk
def again(request: HttpRequest) -> HttpResponse:
    """Ask somebody who is signed in who they are, and lead them back."""
    reader, now = person(request), timezone.now()
    target, ways = target_of(request), factors.ways(reader)
    form = AgainForm(request.POST if request.method == "POST" else None, reader, ways)
    if form.is_valid() and _is_right(request, form, reader, now):
        sessions.prove(request.session, now=now)
        return redirect(target)
    context = {
        "form": form,
        "next": target,
        "can_passkey": factors.PASSKEY in ways and passkeys.can(request.get_host()),
        "providers": single_sign_on.of(reader),
    }
    return render(request, "registration/again.html", context, status=422 if form.errors else 200)


def target_of(request: HttpRequest) -> str:
    """Return where somebody is led back to: a page of the desk."""
    target = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours and target.startswith("/desk/") else reverse("desk_duties")


def _is_right(request: HttpRequest, form: AgainForm, reader: Person, now: datetime) -> bool:
    password, code = (form.cleaned_data.get(name, "") for name in ("password", "recovery_or_code"))
    if not password and not code:
        form.add_error(None, _("Type one of the two."))
        return False
    wait = sign_in_limits.wait_for(request, reader.get_username(), now=now, step=STEP)
    if wait is not None:
        form.add_error(None, too_many_attempts(wait))
        return False
    if reader.check_password(password) if password else factors.is_right(reader, code, now=now):
        sign_in_limits.succeeded(request, reader.get_username(), step=STEP)
        return True
    form.add_error(None, _("That is not right."))
    return False
