"""Following a case: by reference and secret, then by the cookie that they were exchanged for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.cases.access.case_access import EVIDENCE, Accessed, exchange
from ombud.cases.errors import NoSuchCase, Throttled
from ombud.cases.file_kinds import file_name
from ombud.cases.models import Attachment
from ombud.cases.reading import queries
from ombud.cases.reading.paging import NotOurs
from ombud.cases.reading.queries import DutyLine
from ombud.cases.references import normal_reference
from ombud.channels import folded, receipts
from ombud.channels.caller import address_of, network
from ombud.correspondence import conversation
from ombud.evidence import views
from ombud.interface.downloads import download, made
from ombud.interface.progress import progress_steps
from ombud.interface.waiting import too_many_attempts
from ombud.interface.words_field import WordsField
from ombud.notices import reading
from ombud.organisation.library import pack as load_pack
from ombud.policy.vocabulary import COMPLAINANT, RATING
from ombud.portal.pages import COOKIE, accessed, granted_cases, moment, private, remember
from ombud.portal.story import said_in, timeline, told_by_complainant
from ombud.portal.turns import is_rated, turns


class FindForm(forms.Form):
    """What the receipt says: the reference and the secret."""

    reference = WordsField(label=gettext_lazy("Reference"), max_length=40)
    secret = WordsField(label=gettext_lazy("Tracking code"), max_length=60)
    reference.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    secret.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


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
        except Throttled as error:
            form.add_error(None, too_many_attempts(error.wait))
    known = [] if form.errors else [_line(each) for each in granted_cases(request)]
    return render(request, "portal/find.html", {"form": form, "known": known}, status=422 if form.errors else 200)


def _line(found: Accessed) -> dict[str, Any]:
    """Return what a list says of a case that this browser may open."""
    pack = load_pack(found.case.policy_version.hash)
    phase = pack.procedures[found.case.procedure].phases[found.case.phase]
    return {"case": found.case, "pack": pack, "phase": phase}


@require_safe
@private
def by_link(request: HttpRequest, reference: str, secret: str) -> HttpResponse:
    """Follow the secret link of a receipt: it leaves the address bar at once."""
    try:
        return _open(request, reference, secret)
    except (NoSuchCase, Throttled):
        words = _("This link opens no complaint. Perhaps a part of it was lost: try the reference and the code.")
        messages.error(request, words)
        return redirect("portal:find")


def _open(request: HttpRequest, reference: str, secret: str) -> HttpResponse:
    known = normal_reference(reference)
    if known is None:
        raise NoSuchCase
    grant = exchange(known, secret, client=network(address_of(request)), now=moment())
    response = redirect("portal:status", reference=grant.reference)
    remember(response, grant, is_kept="remember" in request.POST)
    return response


@require_POST
@private
def leave(request: HttpRequest, reference: str) -> HttpResponse:
    """End what this browser may see of a case; whoever has the code opens it again."""
    response = redirect("portal:find")
    response.delete_cookie(COOKIE + reference, path="/track/", samesite="Lax")
    receipts.drop(request, reference)
    messages.success(request, _("This device no longer opens {reference}.").format(reference=reference))
    return response


@require_safe
@private
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Show where the case stands, what happened, and what the complainant can do."""
    found = accessed(request, reference)
    if found is None:
        return redirect(f"/track/?reference={reference}" if normal_reference(reference) else "/track/")
    try:
        context = status_context(found, before=request.GET.get("said"))
    except NotOurs as error:
        raise Http404 from error
    if request.method == "GET":
        conversation.read_by_complainant(found, now=context["now"])
    return render(request, "portal/status.html", context)


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
                return _handed_out(found, row, name, asked=request.headers.get("Range", ""))
            except FileNotFoundError as error:
                raise Http404 from error
    raise Http404


def _handed_out(found: Accessed, row: Attachment, name: str, *, asked: str) -> HttpResponseBase:
    """Return a file; of a picture that staff took what was drawn of it, which does not say where that was."""
    is_own = found.rows[(row.linked_seq or 1) - 1].actor == COMPLAINANT
    if is_own or not row.media_type.startswith("image/") or row.content is None:
        return download(row, name, is_shown=True, asked=asked)
    if row.content.viewed_at is None:
        views.make(row.content, now=moment())
    if not row.content.views:  # of a kind that is not drawn
        return download(row, name, is_shown=True)
    return made(views.view(row.content, 1), file_name(name, "image/jpeg"), "image/jpeg")


def status_context(found: Accessed, *, before: str | None) -> dict[str, Any]:
    """Return everything that the status page shows; `before` is the cursor of an earlier part of the conversation."""
    now, pack = moment(), load_pack(found.case.policy_version.hash)
    procedure = pack.procedures[found.case.procedure]
    here = procedure.phases[found.case.phase]
    duties = [line for line in queries.duties(found, now=now) if is_running(line)]
    offers = [offer for offer, _actor in queries.offers(found, now=now) if not offer.blocked]
    files = queries.attachments(found)
    names, letters = {str(row.id): name for row, name in files}, reading.letters_of(found)
    said, by_key = conversation.of(found, now=now, before=before), {letter.key: letter for letter in letters}
    is_whole = before is None and said.after is None
    carried = {each.message.letter_id for each in said.rows} if is_whole else conversation.carried_letters(found)
    cards = turns(found, pack, offers, [line for line in duties if line.duty.is_outsiders], letters)
    stops = progress_steps(procedure, (phase for phase, _since in found.state.stays), here)
    rated = {offer.act for offer in offers if RATING in offer.needs and is_rated(found)}
    shown = rated | {card.offer.act for card in cards}
    return {
        "case": found.case,
        "pack": pack,
        "now": now,
        "phase": here,
        "stops": stops,
        "ours": [line for line in duties if not line.duty.is_outsiders],
        "yours": cards,
        "step": next(n for n, stop in enumerate(stops, 1) if stop.state == "now"),
        "possible": [(offer, procedure.acts.get(offer.act)) for offer in offers if offer.act not in shown],
        "possible_acts": {offer.act for offer in offers},
        "timeline": timeline(found, pack, names),
        "files": files,
        "conversation": [(each, folded.of(each), by_key.get(each.message.letter_id or 0)) for each in said.rows[::-1]],
        "earlier": said.after,
        "is_earlier": before is not None,
        "letters": [letter for letter in letters if letter.key not in carried],  # of before there were messages
        "notices": reading.notices_for_complainant(found),
        "facts": said_in(told_by_complainant(found), pack, names),
    }


def is_running(line: DutyLine) -> bool:
    """Return whether the duty is still owed."""
    return line.duty.status in ("open", "paused")
