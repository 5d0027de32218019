"""Performing an act on a case: the form's fragment, and what comes of sending it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from ombud.cases.access.case_access import ACT, Accessed, access_case
from ombud.cases.commands import Performed, perform
from ombud.cases.errors import AttachmentRefused, Refused, Stale
from ombud.cases.fold import program_of, seconds
from ombud.cases.reading import queries
from ombud.engine import late_reason_refusal
from ombud.engine.model import Refusal
from ombud.interface.act_form import ActForm
from ombud.interface.lists import listed
from ombud.interface.upload_text import upload_text
from ombud.notices.reminding import remind
from ombud.organisation.models import words
from ombud.workbench import actpanel, case, packs
from ombud.workbench.actmenu import only_adds
from ombud.workbench.actpanel import Chosen
from ombud.workbench.consequences import consequences
from ombud.workbench.page import desk, person, show
from ombud.workbench.when_form import WhenForm


@require_http_methods(["GET", "POST"])
@desk
def act(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Show an act's form, or perform it."""
    now = timezone.now()
    accessed = access_case(person(request), reference, ACT)
    chosen = _find(accessed, act, now)
    if chosen is None:
        raise PermissionDenied
    if request.method == "POST":
        return _perform(request, accessed, chosen, now)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('desk_case', args=[reference])}?act={act}#act")
    return show(request, "workbench/_acts.html", "register", actpanel.panel(accessed, act, now=now), now=now)


@require_POST
@desk
def remind_of(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Remind whoever can do an act that the case waits for it."""
    reader, now = person(request), timezone.now()
    accessed = access_case(reader, reference, ACT)
    try:
        people, told = remind(accessed, act, by=reader, now=now)
    except KeyError as error:
        raise Http404 from error
    names = listed(str(each) for each in people)
    if told:
        messages.success(request, _("Reminded: {names}").format(names=names))
    elif people:
        messages.info(request, _("Reminded today already: {names}").format(names=names))
    else:
        messages.warning(request, _("Nobody holds the role that could do it. Tell the complaint manager."))
    return redirect("desk_case", reference=reference)


def _find(accessed: Accessed, act: str, now: datetime) -> Chosen | None:
    offers = queries.offers(accessed, now=now)
    return actpanel.find(accessed, offers, act) or actpanel.elsewhere(accessed, act, now=now)


def _perform(request: HttpRequest, accessed: Accessed, chosen: Chosen, now: datetime) -> HttpResponse:
    form = actpanel.build(accessed, chosen, request.POST, request.FILES, now=now)
    reader = person(request)
    form.keep_uploads(store=actpanel.keeper(reader, now), sees=actpanel.chooser(reader))
    when = WhenForm(packs.pack_of(accessed.case), request.POST, now=now)
    typed: dict[str, Any] = {"when": when, "seen": request.POST.get("seen", "")}
    if when.is_valid():
        when.refuse(_unexplained(accessed, when))
    if not when.is_valid() or not form.is_valid():
        return _again(request, accessed, chosen, form, now, typed, 422)
    seen = int(typed["seen"][:18]) if typed["seen"].isdecimal() else accessed.case.seq
    data: dict[str, Any] = {}
    try:
        data = {**actpanel.changed_data(accessed, chosen, form), **when.said}
        done = _done(accessed, chosen, at=when.at, now=now, data=data, seen=seen)
    except AttachmentRefused as error:
        form.add_error(None, upload_text(error))
        return _again(request, accessed, chosen, form, now, typed, 422)
    except Refused as error:
        refusals = actpanel.at_fields(accessed, chosen, error.refusals, data, now)
        form.refuse([each for each in refusals if each.field in form.fields])
        more = {**typed, "refusals": actpanel.unshown(refusals, form)}
        return _again(request, accessed, chosen, form, now, more, 409)
    except Stale as error:
        return _stale(request, accessed, chosen, form, now, typed, error)
    for report in done.reports:
        messages.warning(request, words(dict(report.message)))
    messages.success(request, consequences(done, title=chosen.title, now=now))
    return _onward(request, accessed)


def _unexplained(accessed: Accessed, when: WhenForm) -> list[Refusal]:
    """Return the demand for a reason where the act is entered so late that the policy has it reported."""
    program = program_of(accessed.case)
    refusal = late_reason_refusal(program, seconds(when.at), seconds(when.now), when.said)
    return [refusal] if refusal else []


def _done(
    accessed: Accessed, chosen: Chosen, *, at: datetime, now: datetime, data: dict[str, Any], seen: int
) -> Performed:
    """Perform the act. Raises Stale, but for what only adds: two of them never conflict.

    Unless the same person did the same meanwhile: then this is the first one, sent again after its answer was lost.
    """
    case, actor = accessed.case, chosen.actor
    try:
        return perform(case, chosen.act, actor=actor, at=at, now=now, data=data, seen=seen)
    except Stale as error:
        known = packs.pack_of(case).procedures[case.procedure].acts.get(chosen.act)
        is_again = any((event.actor, event.act) == (actor.person, chosen.act) for event in error.changed)
        if is_again or not only_adds(known):
            raise
        return perform(case, chosen.act, actor=actor, at=at, now=now, data=data, seen=error.seq)


def _stale(
    request: HttpRequest, accessed: Accessed, chosen: Chosen, form: ActForm, now: datetime, typed: dict[str, Any],
    error: Stale,
) -> HttpResponse:  # fmt: skip
    # The case as it is now: what changed is read through the reader's eyes, the form carries the new number.
    fresh = access_case(person(request), accessed.case.reference, ACT)
    since = {event.seq for event in error.changed}
    changed = [entry for entry in queries.timeline(fresh) if entry.seq in since]
    chosen = _find(fresh, chosen.act, now) or chosen
    more = {**typed, "seen": error.seq, "changed": changed, "refusals": chosen.offer.blocked}
    return _again(request, fresh, chosen, form, now, more, 409)


def _again(
    request: HttpRequest,
    accessed: Accessed,
    chosen: Chosen,
    form: ActForm,
    now: datetime,
    more: dict[str, Any],
    status: int,
) -> HttpResponse:
    """Show the form again with everything that was typed; files are kept by what the form carries."""
    form.focus_on_error()
    panel = {**actpanel.panel(accessed, chosen.act, now=now, form=form), "chosen": chosen, **more}
    if request.headers.get("HX-Request"):
        template = "workbench/_acts.html"
        if "changed" in more:  # what stands around the form is as old as the form
            template, panel = "workbench/_case_again.html", case.around(accessed, panel, None, now=now)
        answer = show(request, template, "register", panel, now=now, status=status)
        # The field at fault takes the focus and is scrolled to, not the head of the form.
        if form.errors:
            answer["HX-Reswap"] = "outerHTML show:none"
        return answer
    return case.page(request, accessed, panel, now=now, status=status)


def _onward(request: HttpRequest, accessed: Accessed) -> HttpResponse:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("desk_case", args=[accessed.case.reference])
    return HttpResponseClientRedirect(target) if request.headers.get("HX-Request") else redirect(target)
