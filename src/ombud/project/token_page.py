"""The page of API tokens: everybody's own, made with scopes and shown once; who keeps the organisation sees all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from ombud.api import keys
from ombud.api.models import ApiToken
from ombud.interface.words_field import WordsField
from ombud.organisation.models import words
from ombud.workbench import again, packs
from ombud.workbench.accounts import KEEPERS
from ombud.workbench.page import OVERSEERS, desk, person, show

SHOWN = 200  # tokens of a page, the newest
SCOPES = (
    (keys.READ, gettext_lazy("Read cases, events and duties")),
    (keys.ACT, gettext_lazy("Perform acts and send files")),
    (keys.INTAKE, gettext_lazy("File complaints")),
)


class TokenForm(forms.Form):
    """What a new token is for."""

    name = WordsField(
        label=gettext_lazy("What it is for"), max_length=120, help_text=gettext_lazy("Such as: nightly report")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"), choices=SCOPES, widget=forms.CheckboxSelectMultiple, initial=[keys.READ]
    )
    policy = forms.ChoiceField(label=gettext_lazy("Under"), required=False)
    days = forms.TypedChoiceField(
        label=gettext_lazy("Good for"), coerce=int, initial=90,
        choices=[
            (30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("a year")),
            (0, gettext_lazy("until it is revoked")),
        ],
    )  # fmt: skip

    def __init__(self, data: Any, policies: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["policy"].choices = [("", _("All policies")), *policies]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def tokens(request: HttpRequest) -> HttpResponse:
    """List tokens, and make one for oneself: nobody gets one by which they would be somebody else."""
    reader, now = person(request), timezone.now()
    policies = [(pack.id, words(dict(pack.title))) for _version, pack in packs.visible(reader, now=now)]
    form, made = TokenForm(request.POST or None, policies), ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        until = now + timedelta(days=data["days"]) if data["days"] else None
        _row, made = keys.issue_token(
            reader, name=data["name"], scopes=data["scopes"], policy=data["policy"], expires_at=until, now=now
        )
        form = TokenForm(None, policies)
    held = packs.own_roles(reader)
    rows = ApiToken.objects.select_related("person").order_by("-pk")
    seen = rows if held & OVERSEERS else rows.filter(person=reader)
    titles, scopes = dict(policies), dict(SCOPES)
    context: dict[str, Any] = {
        "form": form,
        "made": made,  # on this page alone, in no session and in no address
        "rows": [
            (row, titles.get(row.policy, row.policy), [scopes[each] for each in row.scopes if each in scopes])
            for row in seen[:SHOWN]
        ],
        "can_revoke_all": bool(held & KEEPERS),
        "reader": reader,
    }
    return show(request, "tokens.html", "tokens", context, now=now, status=422 if form.is_bound else 200)


@require_POST
@desk
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a token worthless: one's own, or anybody's for who keeps the organisation."""
    reader, row = person(request), ApiToken.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    if row.person_id != reader.pk and not packs.own_roles(reader) & KEEPERS:
        raise PermissionDenied
    keys.revoke(row, now=timezone.now())
    messages.success(request, _("Revoked: whoever calls with it is turned away from now on."))
    return redirect("desk_tokens")
