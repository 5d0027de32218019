"""Handing over the open cases of one person: who would get which, and then in one step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from ombud.cases import handing_over
from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.handing_over import HandedOver
from ombud.engine.model import Actor
from ombud.organisation.models import ADMINISTRATOR, MANAGER, Membership, Person, words
from ombud.workbench import again, packs
from ombud.workbench.page import desk, person, show

MAY = frozenset({MANAGER, ADMINISTRATOR})
SHARED = "shared"  # out among colleagues
LONGEST = 18  # digits of a key
WHY = {
    handing_over.AWAY: gettext_lazy("away"),
    handing_over.KEPT_OUT: gettext_lazy("kept out of the case"),
    handing_over.NO_COLLEAGUE: gettext_lazy("nobody else holds their role for it"),
    handing_over.NOT_TAKEN: gettext_lazy("not a case that anybody takes"),
    handing_over.CHANGED: gettext_lazy("somebody acted on it meanwhile"),
    "recused": gettext_lazy("kept out of the case"),
    "confidential": gettext_lazy("kept out of the case"),
    "qualified": gettext_lazy("has not passed the exam"),
}


class ToForm(forms.Form):
    """Who is to get the cases."""

    to = forms.ChoiceField(label=gettext_lazy("Who gets them"))

    def __init__(self, data: Any, of: Person) -> None:
        super().__init__(data)
        held = Membership.objects.exclude(policy="").values("person")
        others = Person.objects.filter(is_active=True, pk__in=held).exclude(pk=of.pk)
        self.people = {str(each.pk): each for each in sorted(others, key=str)}
        shared = (SHARED, _("shared out among those of their roles, by open cases"))
        self.fields["to"].choices = [shared, *((key, str(each)) for key, each in self.people.items())]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who would get each open case of somebody, and hand them over as shown."""
    now, reader = timezone.now(), person(request)
    own = packs.own_roles(reader)
    if not own & MAY:
        raise PermissionDenied
    of = Person.objects.filter(pk=pk).first()
    if of is None:
        raise Http404
    if request.method == "POST":
        actor = Actor(person=reader.key, role=MANAGER if MANAGER in own else ADMINISTRATOR)
        reason = request.POST.get("reason", "")[:2000]
        done = handing_over.hand_over(_wanted(request), of, by=actor, reader=reader, reason=reason, now=now)
        _tell(request, done)
        return redirect("desk_member_hand_over", of.pk)
    form = ToForm({"to": request.GET.get("to", SHARED)}, of)
    to = form.people.get(form.cleaned_data["to"]) if form.is_valid() else None
    planned = handing_over.plan(of, to, reader=reader, now=now) if form.is_valid() else []
    context = {
        "row": of,
        "form": form,
        "lines": _lines(planned, reader),
        "number": sum(each.to is not None for each in planned),
        "rest": max(0, handing_over.open_cases(of, reader).count() - len(planned)),
    }
    return show(request, "workbench/hand_over.html", "people", context, now=now, status=422 if form.errors else 200)


def _wanted(request: HttpRequest) -> dict[int, int]:
    """Return which case goes to whom, as the plan that was shown had it; what cannot be read is left out."""
    found = {}
    for each in request.POST.getlist("give")[: handing_over.MOST]:
        case, _colon, to = each.partition(":")
        if case.isdecimal() and to.isdecimal() and max(len(case), len(to)) <= LONGEST:
            found[int(case)] = int(to)
    return found


def _tell(request: HttpRequest, done: list[HandedOver]) -> None:
    number = sum(each.to is not None for each in done)
    said = ngettext("%(n)s case was handed over.", "%(n)s cases were handed over.", number) % {"n": number}
    if number:
        messages.success(request, said)
    if number < len(done) or not done:
        messages.error(request, _("Not all of it could be handed over. See what is left."))


def _lines(planned: Iterable[HandedOver], reader: Person) -> list[dict[str, Any]]:
    """Return the plan as the page shows it: of a case that the reader does not see only that it is there."""
    planned = list(planned)
    rows = scoped(permissions_of(reader), is_leading=False).filter(pk__in=[each.case.pk for each in planned])
    seen = set(rows.values_list("pk", flat=True))
    found = []
    for each in planned:
        pack = packs.pack_of(each.case)
        found.append(
            {
                "give": f"{each.case.pk}:{each.to.pk}" if each.to else "",
                "case": each.case if each.case.pk in seen else None,
                "href": reverse("desk_case", args=[each.case.reference]) if each.case.pk in seen else "",
                "policy": words(dict(pack.title)),
                "at": each.case.received_at,
                "to": each.to,
                "why": WHY.get(each.why, _("the policy does not let them take it")) if each.why else "",
            }
        )
    return found
