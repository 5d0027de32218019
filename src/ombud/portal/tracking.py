"""Following a case: by reference and secret, then by the cookie that they were exchanged for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ombud.cases import attachments, queries
from ombud.cases.access import EVIDENCE, Accessed, exchange
from ombud.cases.errors import NoSuchCase, Throttled
from ombud.cases.factwords import fact_words
from ombud.cases.queries import DutyLine
from ombud.cases.references import normal_reference
from ombud.channels.caller import address_of
from ombud.organisation.library import pack as load_pack
from ombud.policy.model import Pack, Phase
from ombud.portal.pages import accessed, moment, private, remember


class FindForm(forms.Form):
    """What the receipt says: the reference and the secret."""

    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=40)
    secret = forms.CharField(label=gettext_lazy("Tracking code"), max_length=60)
    reference.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    secret.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


@dataclass(frozen=True, slots=True)
class Stop:
    """One phase on the way from arrival to the end."""

    phase: Phase
    state: str  # done, now, ahead


@require_http_methods(["GET", "HEAD", "POST"])
@private
def find(request: HttpRequest) -> HttpResponse:
    """Ask for reference and secret, and exchange them for a cookie."""
    form = FindForm(request.POST or None, initial={"reference": request.GET.get("reference", "")})
    if request.method == "POST" and form.is_valid():
        try:
            return _open(request, form.cleaned_data["reference"], form.cleaned_data["secret"])
        except NoSuchCase:
            form.add_error(None, _("No complaint has this reference together with this tracking code. Check both."))
        except Throttled:
            form.add_error(None, _("Too many attempts. Wait a quarter of an hour, then try again."))
    return render(request, "portal/find.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@private
def by_link(request: HttpRequest, reference: str, secret: str) -> HttpResponse:
    """Follow the secret link of a receipt: it leaves the address bar at once."""
    try:
        return _open(request, reference, secret)
    except (NoSuchCase, Throttled):
        return redirect("portal:find")


def _open(request: HttpRequest, reference: str, secret: str) -> HttpResponse:
    known = normal_reference(reference)
    if known is None:
        raise NoSuchCase
    grant = exchange(known, secret, client=address_of(request), now=moment())
    response = redirect("portal:status", reference=grant.reference)
    remember(response, grant)
    return response


@require_safe
@private
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Show where the case stands, what happened, and what the complainant can do."""
    found = accessed(request, reference)
    if found is None:
        return redirect(f"/track/?reference={reference}" if normal_reference(reference) else "/track/")
    return render(request, "portal/status.html", status_context(found))


@require_safe
@private
def evidence(request: HttpRequest, reference: str, key: UUID) -> HttpResponse:
    """Send one of the case's files, never as something that the browser would run."""
    found = accessed(request, reference, EVIDENCE)
    if found is None:
        raise Http404
    for row, name in queries.attachments(found):
        if row.id == key:
            try:
                file = attachments.content(row)
            except FileNotFoundError as error:
                raise Http404 from error
            is_shown = row.media_type.startswith(("image/", "video/", "audio/"))
            response = FileResponse(file, as_attachment=not is_shown, filename=name, content_type=row.media_type)
            response["Content-Security-Policy"] = "sandbox; default-src 'none'"
            return response
    raise Http404


def status_context(found: Accessed) -> dict[str, Any]:
    """Return everything that the status page shows."""
    now, pack = moment(), load_pack(found.case.policy_version.hash)
    duties = queries.duties(found, now=now)
    offers = [(offer, actor) for offer, actor in queries.offers(found, now=now) if not offer.blocked]
    return {
        "case": found.case,
        "pack": pack,
        "now": now,
        "phase": pack.procedures[found.case.procedure].phases[found.case.phase],
        "stops": stops(pack, found),
        "ours": [line for line in duties if is_running(line) and not line.duty.is_outsiders],
        "yours": [offer for offer, _actor in offers if offer.discharges],
        "possible": [offer for offer, _actor in offers if not offer.discharges],
        "timeline": _timeline(found, pack),
        "files": queries.attachments(found),
        "facts": [
            (shown.title, fact_words(pack.fields[shown.field], shown.value))
            for shown in queries.facts(found)
            if shown.field in pack.fields and shown.value not in (None, "", [])
        ],
    }


def is_running(line: DutyLine) -> bool:
    """Return whether the duty is still owed."""
    return line.duty.status in ("open", "paused")


def _timeline(found: Accessed, pack: Pack) -> list[dict[str, Any]]:
    entries = []
    for entry in reversed(queries.timeline(found)):
        said = [
            (shown.title, fact_words(pack.fields[shown.field], shown.value))
            for shown in entry.facts
            if shown.field in pack.fields and shown.value not in (None, "", [])
        ]
        entries.append({"entry": entry, "said": said})
    return entries


def stops(pack: Pack, found: Accessed) -> list[Stop]:
    """Return the main road through the phases: those before the end in the pack's order, and one end."""
    phases = pack.procedures[found.case.procedure].phases
    here = phases[found.case.phase]
    ends = [phase for phase in phases.values() if phase.is_end]
    end = here if here.is_end else next(iter(ends), None)
    road = [phase for phase in phases.values() if not phase.is_end and not phase.is_start] + ([end] if end else [])
    at = road.index(here) if here in road else 0
    return [
        Stop(phase, "now" if index == at else "done" if index < at else "ahead") for index, phase in enumerate(road)
    ]
