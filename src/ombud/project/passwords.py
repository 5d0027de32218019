"""Passwords: changing one's own, asking for a link where it is forgotten, and choosing one through a link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ombud.channels.caller import address_of
from ombud.interface.words_field import WordsField
from ombud.organisation import password_links
from ombud.organisation.models import Person
from ombud.policy.plain_text import storable
from ombud.privacy import throttle
from ombud.signin import happenings, sessions
from ombud.signin.models import Happening

_ASKED, _WINDOW = 10, timedelta(hours=1)  # links that one address may ask for within the hour


class ForgottenForm(forms.Form):
    """Whose password is forgotten."""

    name = WordsField(label=gettext_lazy("User name or e-mail"), max_length=254)


class Change(PasswordChangeView):
    """Change one's own password; every other session of theirs ends."""

    template_name = "registration/password_change.html"
    success_url = reverse_lazy("desk_duties")

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it is done, and end every other session: those that hung on the old password, and their rows."""
        response = super().form_valid(form)
        reader, now = form.user, timezone.now()
        sessions.end_others(reader, self.request.session.session_key)
        sessions.prove(self.request.session, now=now)
        happenings.note(reader, Happening.Kind.PASSWORD, now=now, by=reader)
        messages.success(self.request, _("Your password is changed. You were signed out everywhere else."))
        return response


class Choose(PasswordResetConfirmView):
    """Choose a password through a link; it works once."""

    template_name = "registration/password_choose.html"
    success_url = reverse_lazy("sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it is done; whoever was signed in by the old one is out."""
        response = super().form_valid(form)
        sessions.end_others(form.user, None)
        happenings.note(form.user, Happening.Kind.PASSWORD, now=timezone.now(), by=form.user)
        messages.success(self.request, _("Your password is set. Sign in with it."))
        return response


@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether there is such an account or not."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    is_asked = form.is_bound and form.is_valid()
    if is_asked:
        now = timezone.now()
        if throttle.attempt(f"forgotten {address_of(request)}", limit=_ASKED, window=_WINDOW, now=now):
            _ask(storable(form.cleaned_data["name"]).strip())
    context = {"form": form, "is_asked": is_asked}
    return render(request, "registration/password_forgotten.html", context, status=422 if form.errors else 200)


def _ask(name: str) -> None:
    """Have a link sent to whoever it is, if anybody; an address that several share tells nobody."""
    known = Person.objects.filter(is_active=True).exclude(email="")
    rows = list(known.filter(username=name)[:1]) or list(known.filter(email__iexact=name)[:2])
    if len(rows) == 1:
        password_links.ask(rows[0], by=None, now=timezone.now())
