"""The page of sign-in rules: which roles need a second factor, and the providers of single sign-on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.organisation import own_roles
from ombud.organisation.models import ADMINISTRATOR, Person, words
from ombud.policy.vocabulary import COMPLAINANT
from ombud.project.entrance.provider_form import ConnectForm, ProviderForm
from ombud.signin import rules, single_sign_on
from ombud.signin.models import CodeGenerator, Identity, Passkey, Provider
from ombud.signin.registry import WAYS
from ombud.workbench import again, packs
from ombud.workbench.page import OVERSEERS, desk, person, show

LISTED = 500  # of the people whom a provider knows


class RolesForm(forms.Form):
    """The roles that need a second factor, the organisation's own first, then those of each policy."""

    def __init__(self, data: Any, now: Any) -> None:
        super().__init__(data)
        asked = rules.asked()
        own = [(f"/{role}", title) for role, title in own_roles.titles().items()]
        groups = [("own", _("The organisation itself"), own)]
        for _version, pack in packs.in_force(now=now):
            roles = [each for each in pack.roles.values() if each.id != COMPLAINANT]
            choices = [(f"{pack.id}/{each.id}", words(dict(each.title))) for each in roles]
            groups.append((pack.id, words(dict(pack.title)), choices))
        for name, label, choices in groups:
            self.fields[name] = forms.MultipleChoiceField(
                label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple,
                initial=[key for key, _title in choices if key in asked],
            )  # fmt: skip
        known = {key for _name, _label, choices in groups for key, _title in choices}
        self.elsewhere = asked - known  # of policies that are not in force: they stay as they are

    @property
    def chosen(self) -> set[str]:
        """Return the roles that were ticked."""
        return self.elsewhere | {key for chosen in self.cleaned_data.values() for key in chosen}


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def sign_in_rules(request: HttpRequest) -> HttpResponse:
    """Show the rules; administrators change them."""
    now, reader = timezone.now(), person(request)
    can_keep = _may_see(reader)
    form = RolesForm(request.POST if request.method == "POST" else None, now)
    if request.method == "POST":
        if not can_keep:
            raise PermissionDenied
        if form.is_valid():
            rules.ask(form.chosen, by=reader, now=now)
            messages.success(request, _("Saved. Whoever holds such a role is asked when they next sign in."))
            return redirect("desk_sign_in_rules")
    people = Person.objects.filter(is_active=True)
    context = {
        "form": form,
        "can_keep": can_keep,
        "providers": Provider.objects.order_by("name"),
        "kinds": Provider.Kind.choices,
        "history": rules.history(),
        "people": people.count(),
        "with_factor": people.filter(pk__in=CodeGenerator.objects.values("person"))
        .union(people.filter(pk__in=Passkey.objects.values("person")))
        .count(),
    }
    return show(request, "sign_in_rules.html", "sign_in_rules", context, now=now, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def provider(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Show and change a provider, or add one where no number is given."""
    now, reader = timezone.now(), person(request)
    row = Provider.objects.filter(pk=pk).first() if pk else Provider(kind=_kind(request))
    if row is None:
        raise Http404
    can_keep = _may_see(reader)
    if not can_keep and request.method == "POST":
        raise PermissionDenied
    is_sent = request.method == "POST"
    form = ProviderForm(request.POST if is_sent else None, row, request.FILES if is_sent else None)
    if form.is_valid():
        single_sign_on.keep(row, form.cleaned_data, by=reader, now=now)
        messages.success(request, _("Saved. It stands on the sign-in page where it is in use."))
        return redirect("desk_provider", row.pk)
    is_saml = row.kind == Provider.Kind.SAML
    names = ("sign_in_taken_in", "sign_in_metadata") if is_saml else ("sign_in_back",)
    addresses = [request.build_absolute_uri(reverse(name, args=[row.key])) for name in names] if row.pk else []
    context = {
        "form": form,
        "row": row if row.pk else None,
        "kind": row.get_kind_display(),
        "addresses": addresses,
        "can_keep": can_keep,
        "finds_by_address": is_saml or row.kind in (Provider.Kind.OPENID, Provider.Kind.FEISHU),
        "identities": row.identities.select_related("person").order_by("person__name")[:LISTED] if row.pk else (),
        "connect": ConnectForm() if row.pk and can_keep else None,
    }
    return show(request, "provider.html", "sign_in_rules", context, now=now, status=422 if form.errors else 200)


@require_POST
@desk
@again.proved
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who somebody is at a provider, or that they are so no more."""
    now, reader = timezone.now(), person(request)
    if not _may_see(reader):
        raise PermissionDenied
    row = get_object_or_404(Provider, pk=pk)
    if gone := request.POST.get("gone", ""):
        identity = get_object_or_404(Identity, provider=row, pk=gone if gone.isdecimal() and len(gone) < 19 else 0)
        single_sign_on.disconnect(identity, by=reader, now=now)
        messages.success(request, _("They are not found by it any more."))
        return redirect("desk_provider", row.pk)
    form = ConnectForm(request.POST)
    if form.is_valid() and single_sign_on.connect(
        row, form.cleaned_data["subject"], form.cleaned_data["person"], by=reader, now=now
    ):
        messages.success(request, _("They are let in by it from now on."))
    else:
        messages.error(request, _("Choose a person, and what the provider calls nobody else."))
    return redirect("desk_provider", row.pk)


def _kind(request: HttpRequest) -> str:
    """Return the kind of provider that is to be added. Raises Http404."""
    kind = request.GET.get("kind", Provider.Kind.OPENID)
    if kind not in WAYS:
        raise Http404
    return kind


def _may_see(reader: Person) -> bool:
    """Return whether somebody may change the rules. Raises PermissionDenied where they may not even read them."""
    held = packs.own_roles(reader)
    if not held & OVERSEERS:
        raise PermissionDenied
    return ADMINISTRATOR in held
