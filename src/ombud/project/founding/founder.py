"""The first page of all: whoever holds the founding link becomes the administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ombud.organisation import hiring
from ombud.organisation.hiring import HiringError
from ombud.organisation.models import Person
from ombud.policy.plain_text import plain
from ombud.project.entrance import entering
from ombud.project.founding import links
from ombud.workbench.person_form import PersonForm

_NEW = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class FounderForm(PersonForm):
    """Who the administrator is, with the password that they sign in with."""

    password = forms.CharField(label=gettext_lazy("Password"), strip=False, max_length=4096, widget=_NEW)
    again = forms.CharField(label=gettext_lazy("Password again"), strip=False, max_length=4096, widget=_NEW)

    def __init__(self, data: Any) -> None:
        super().__init__(data, Person())
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        """Want the same password twice, and one that the rules let pass."""
        given = super().clean()
        password = given.get("password")
        if password is not None and given.get("again") not in (None, password):
            self.add_error("again", _("The two passwords differ."))
        elif password is not None:
            try:
                validate_password(password, Person(username=given.get("username", ""), email=given.get("email", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return given


@never_cache
@require_http_methods(["GET", "POST"])
def found(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator and sign them in; nobody else gets one by this link."""
    if not links.is_good(token):
        return _over(request)
    form = FounderForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "founding/founder.html", {"form": form}, status=422 if form.errors else 200)
    said = form.given
    names = {tag: name for tag, typed in said["names"].items() if (name := plain(typed))}
    try:
        founder = hiring.found(
            said["username"], said["email"], names=names, language=said["language"],
            password=form.cleaned_data["password"], now=timezone.now(),
        )  # fmt: skip
    except HiringError:  # somebody was faster
        return _over(request)
    return entering.enter(request, founder, reverse("desk_founding"))


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "founding/over.html", {"is_founded": links.is_founded()}, status=404)
