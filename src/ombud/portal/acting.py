"""What a complainant does with a case: any act that the pack offers them, as a form."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.cases import attachments
from ombud.cases.access.case_access import ACT, Accessed, access_case, grant_of
from ombud.cases.commands import perform
from ombud.cases.errors import AttachmentRefused, Forbidden, Refused, Stale
from ombud.cases.reading import queries
from ombud.engine.model import Actor, AvailableAct
from ombud.interface.act_form import ActForm, act_form
from ombud.interface.upload_text import upload_text
from ombud.notices import reading
from ombud.organisation.library import pack as load_pack
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.portal.asking import is_final, questions, thanks, want_words
from ombud.portal.files import store
from ombud.portal.language import in_language, spoken_of
from ombud.portal.pages import accessed, moment, private
from ombud.portal.requests import speak_of
from ombud.portal.story import told_by_complainant
from ombud.portal.tracking import is_running
from ombud.portal.turns import turn_of


@require_http_methods(["GET", "HEAD", "POST"])
@private
def act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Show the form of an act and perform it; whatever stands against it, what was typed stays."""
    try:
        found = accessed(request, reference, ACT)
    except Forbidden as error:
        raise Http404 from error
    if found is None:
        return redirect(f"/track/?reference={reference}")
    pack = load_pack(found.case.policy_version.hash)
    offer, actor = _offer(found, act)
    past = queries.other_offer(found, act, now=moment()) if offer is None and request.method == "POST" else None
    if past is not None:
        offer, actor = past
    if offer is None or actor is None:
        return redirect("portal:status", reference=found.case.reference)
    form = _form(request, found, pack, offer)
    if past is not None:
        form.add_error(None, _("This is no longer possible: the case has moved on. What you wrote is below."))
        return _show(request, found, pack, offer, form, status=409, is_past=True)
    if language := spoken_of(request):
        return _in_language(request, found, pack, offer, form, language)
    if request.method != "POST":
        return _show(request, found, pack, offer, form)
    rule = pack.procedures[found.case.procedure].acts.get(act)
    changed: dict[str, Any] = {}
    if _is_sure(request, found, pack, offer, form) and _perform(request, found, offer, actor, form, changed):
        messages.success(request, thanks(rule, form, words(dict(offer.title))))
        return redirect("portal:status", reference=found.case.reference)
    return _show(request, found, pack, offer, form, status=422, **changed)


def _form(request: HttpRequest, found: Accessed, pack: Pack, offer: AvailableAct) -> ActForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = act_form(pack, offer, *sent, known=_known(found, offer))
    rule = pack.procedures[found.case.procedure].acts.get(offer.act)
    want_words(rule, form)
    return form


def _show(
    request: HttpRequest,
    found: Accessed,
    pack: Pack,
    offer: AvailableAct,
    form: ActForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    now, procedure = moment(), pack.procedures[found.case.procedure]
    act = procedure.acts.get(offer.act)
    waiting = [line for line in queries.duties(found, now=now) if line.duty.is_outsiders and is_running(line)]
    context = {
        "case": found.case,
        "pack": pack,
        "offer": offer,
        "act": act,
        "form": form,
        "keeps": "act",
        "seen": found.case.seq,
        "questions": questions(request, found, pack, act, form),
        "turn": turn_of(found, pack, offer, waiting, reading.letters_of(found)),
        "is_final": is_final(procedure, offer.act),
        "now": now,
    }
    return render(request, "portal/act.html", context | more, status=status)


def _is_sure(request: HttpRequest, found: Accessed, pack: Pack, offer: AvailableAct, form: ActForm) -> bool:
    """Return whether what ends the case was confirmed; what does not needs no confirming."""
    if not is_final(pack.procedures[found.case.procedure], offer.act) or "sure" in request.POST:
        return True
    form.add_error(None, _("Please tick that you are sure: this cannot be undone."))
    return False


def _in_language(
    request: HttpRequest, found: Accessed, pack: Pack, offer: AvailableAct, form: ActForm, language: str
) -> HttpResponse:
    """Show the form in another language with what was typed, nothing of which has been sent yet."""
    _keep(request, found, form)
    with translation.override(language):
        speak_of(pack)
        fresh = act_form(pack, offer, form.data, form.files, known=_known(found, offer))
        fresh.ask_nothing()
        return in_language(_show(request, found, pack, offer, fresh), language)


def _offer(found: Accessed, act: str) -> tuple[AvailableAct, Actor] | tuple[None, None]:
    for offer, actor in queries.offers(found, now=moment()):
        if offer.act == act and not offer.blocked:
            return offer, actor
    return None, None


def _known(found: Accessed, offer: AvailableAct) -> dict[str, Any]:
    """Return what the complainant told before of the fields that may be given again."""
    return {shown.field: shown.value for shown in told_by_complainant(found) if shown.field in offer.may}


def _owner(found: Accessed) -> str:
    """Return whose uploads a form of this case may name."""
    return f"case:{found.case.reference}"


def _keep(request: HttpRequest, found: Accessed, form: ActForm) -> None:
    """Store what was uploaded with the form, whatever becomes of it."""
    owner = _owner(found)
    attachments.claim(form.keep_uploads(store=partial(store, request, owner=owner)), owner)


def _perform(
    request: HttpRequest, found: Accessed, offer: AvailableAct, actor: Actor, form: ActForm, changed: dict[str, Any]
) -> bool:
    """Perform the act and return whether it was done; what happened meanwhile goes into `changed`."""
    now = moment()
    _keep(request, found, form)
    if not form.is_valid():
        return False
    seen = request.POST.get("seen", "")
    # What stands in the form as it was known before is no news.
    data = {name: value for name, value in form.act_data().items() if form.is_news(name)}
    if not data and offer.discharges and offer.may:
        form.add_error(None, _("Please fill in at least one field."))
        return False
    try:
        perform(
            found.case, offer.act, actor=actor, at=now, now=now, data=data,
            seen=int(seen[:18]) if seen.isdecimal() else None, owner=_owner(found),
        )  # fmt: skip
    except Refused as error:
        form.refuse(error.refusals)
    except AttachmentRefused as error:
        form.add_error(None, upload_text(error))
    except Stale as error:
        changed["seen"] = error.seq
        since, fresh = {event.seq for event in error.changed}, access_case(grant_of(found.case), found.case.reference)
        # What is not the complainant's to see is not named either.
        told = [entry for entry in queries.timeline(fresh) if entry.seq in since]
        changed["changed"] = [words(dict(entry.title)) for entry in told]
        form.add_error(None, _("Something happened in the meantime. Look at the case, then send this again."))
    else:
        return True
    return False
