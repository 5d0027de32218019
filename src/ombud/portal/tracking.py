"""Following a case: by reference and secret, then by the cookie that they were exchanged for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ombud.cases.access.case_access import EVIDENCE, Accessed, exchange
from ombud.cases.errors import NoSuchCase, Throttled
from ombud.cases.reading import queries
from ombud.cases.reading.queries import DutyLine, Shown
from ombud.cases.references import normal_reference
from ombud.channels.caller import address_of
from ombud.engine.model import AvailableAct
from ombud.interface.downloads import download
from ombud.interface.fact_text import fact_text
from ombud.interface.lists import listed
from ombud.interface.progress import progress
from ombud.notices import reading
from ombud.organisation.library import pack as load_pack
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Phase, Procedure
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import APPEAL, COMPLAINANT
from ombud.portal.pages import RESERVED, accessed, moment, private, remember

WORDS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.FILES})


class FindForm(forms.Form):
    """What the receipt says: the reference and the secret."""

    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=40)
    secret = forms.CharField(label=gettext_lazy("Tracking code"), max_length=60)
    reference.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    secret.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


@dataclass(frozen=True, slots=True)
class ProgressStep:
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
def evidence(request: HttpRequest, reference: str, key: UUID) -> HttpResponseBase:
    """Send one of the case's files, never as something that the browser would run."""
    found = accessed(request, reference, EVIDENCE)
    if found is None:
        raise Http404
    for row, name in queries.attachments(found):
        if row.id == key:
            try:
                return download(row, name, is_shown=True)
            except FileNotFoundError as error:
                raise Http404 from error
    raise Http404


def status_context(found: Accessed) -> dict[str, Any]:
    """Return everything that the status page shows."""
    now, pack = moment(), load_pack(found.case.policy_version.hash)
    procedure = pack.procedures[found.case.procedure]
    here = procedure.phases[found.case.phase]
    duties = [line for line in queries.duties(found, now=now) if is_running(line)]
    offers = [offer for offer, _actor in queries.offers(found, now=now) if not offer.blocked]
    files = queries.attachments(found)
    names = {str(row.id): name for row, name in files}
    return {
        "case": found.case,
        "pack": pack,
        "now": now,
        "phase": here,
        "stops": progress_steps(procedure, here),
        "ours": [line for line in duties if not line.duty.is_outsiders],
        "waiting": [line for line in duties if line.duty.is_outsiders],
        "yours": [(offer, offer.act != APPEAL) for offer in offers if is_yours(offer, procedure, here)],
        "possible": [
            (offer, procedure.acts.get(offer.act)) for offer in offers if not is_yours(offer, procedure, here)
        ],
        "timeline": _timeline(found, pack, names),
        "files": files,
        "letters": reading.letters_of(found),
        "notices": reading.notices_for_complainant(found),
        "facts": said_in(told_by_complainant(found), pack, names),
    }


def is_yours(offer: AvailableAct, procedure: Procedure, here: Phase) -> bool:
    """Return whether the case waits for the complainant to do this: a duty of theirs, or what decides this phase."""
    act = procedure.acts.get(offer.act)
    return bool(offer.discharges) or (act is not None and act.choice is not None and act.from_phases == (here.id,))


def is_running(line: DutyLine) -> bool:
    """Return whether the duty is still owed."""
    return line.duty.status in ("open", "paused")


def _timeline(found: Accessed, pack: Pack, files: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the public events, newest first; what was filed stands in a part of its own."""
    acts = pack.procedures[found.case.procedure].acts
    entries = []
    for entry in reversed(queries.timeline(found)):
        act, is_own = acts.get(entry.act), entry.actor_key == COMPLAINANT
        # How staff grade a case is for them; what they tell or do is for the complainant.
        is_told = is_own or (act is not None and (act.contacts == COMPLAINANT or bool(act.outcomes)))
        told = [each for each in entry.facts if is_told or _is_words(pack, each)]
        said = said_in(told, pack, files) if entry.seq > 1 else ()
        entries.append({"entry": entry, "said": said, "is_own": is_own})
    return entries


def told_by_complainant(found: Accessed) -> list[Shown]:
    """Return what is known now of the fields that the complaint, or the complainant later, filled in."""
    entries = [entry for entry in queries.timeline(found) if entry.seq == 1 or entry.actor_key == COMPLAINANT]
    own = {shown.field for entry in entries for shown in entry.facts}
    return [shown for shown in queries.facts(found) if shown.field in own]


def last_told(found: Accessed, pack: Pack) -> dict[str, Any] | None:
    """Return the newest event by which staff spoke to the complainant: what an answer answers."""
    acts = pack.procedures[found.case.procedure].acts
    for each in _timeline(found, pack, {}):
        act = acts.get(each["entry"].act)
        if act is not None and act.contacts == COMPLAINANT and each["said"] and not each["is_own"]:
            return each
    return None


def _is_words(pack: Pack, shown: Shown) -> bool:
    field = pack.fields.get(shown.field)
    return field is not None and field.type in WORDS


def said_in(facts: Iterable[Shown], pack: Pack, files: Mapping[str, str]) -> tuple[tuple[object, str], ...]:
    """Return title and words of every fact that the complainant knows or is told."""
    found = []
    for shown in facts:
        field = pack.fields.get(shown.field)
        # Who works on it is the organisation's own affair.
        is_whom = field is not None and FieldType.PERSON in (field.type, field.item)
        if field is None or is_whom or shown.field in RESERVED or shown.value in (None, "", []):
            continue
        if field.type is FieldType.FILES:
            names = [files.get(file["id"] if isinstance(file, Mapping) else str(file), "") for file in shown.value]
            found.append((shown.title, listed(filter(None, names))))
        else:
            found.append((shown.title, fact_text(field, shown.value, names=shown.names)))
    return tuple(found)


def progress_steps(procedure: Procedure, here: Phase) -> list[ProgressStep]:
    """Return the main road with what lies behind the case and what ahead."""
    phases = progress(procedure, here)
    at = phases.index(here)
    states = ["done"] * at + ["now"] + ["ahead"] * (len(phases) - at - 1)
    return [ProgressStep(phase, state) for phase, state in zip(phases, states, strict=True)]
