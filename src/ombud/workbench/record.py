"""Recording a complaint that arrived by phone, at a counter or by message, and the page that tells its code."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.cases import idempotency
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import AttachmentRefused, KeyReused, NoSuchCase, Refused
from ombud.cases.idempotency import Keep
from ombud.cases.reading import queries
from ombud.channels import intake, receipts
from ombud.engine.model import Actor, Refusal
from ombud.interface.act_form import ActForm, fields_form
from ombud.interface.upload_text import upload_text
from ombud.organisation import staff
from ombud.organisation.models import PolicyVersion
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import CHANNEL, COUNTRY, LANGUAGE, RECEIVE
from ombud.privacy import contacts
from ombud.workbench import packs
from ombud.workbench.actpanel import keeper, unshown
from ombud.workbench.page import desk, person, show

KNOWN_BY = (*contacts.FIELDS, COUNTRY)  # fields by which somebody or an order is known again
ASKED_APART = frozenset({CHANNEL, LANGUAGE})  # asked above the form


@require_http_methods(["GET", "POST"])
@desk
def record(request: HttpRequest) -> HttpResponse:
    """Choose policy and channel, type in the complaint; its number and code are told on a page of their own."""
    now = timezone.now()
    usable, version, pack, actor = _chosen(request, now)
    channel = request.POST.get("channel") or request.GET.get("channel", "")
    if channel not in pack.channels:
        channel = next((c.id for c in pack.channels.values() if c.kind == "phone"), next(iter(pack.channels)))
    form = complaint_form(pack, channel, request.POST or None, request.FILES or None)
    context = {
        "policies": [each for each, _pack in usable],
        "version": version,
        "pack": pack,
        "channels": pack.channels.values(),
        "channel": channel,
        "language": request.POST.get("language", "zh"),
        "form": form,
        "known_by": [name for name in KNOWN_BY if name in form.fields],
        "key": request.POST.get("key") or secrets.token_urlsafe(16),
    }
    if request.method == "POST":
        return _receive(request, version, actor, form, context, now)
    return show(request, "workbench/record.html", "record", context, now=now)


@require_POST
@desk
def known(request: HttpRequest) -> HttpResponse:
    """Show what the caller complained about before, as soon as their number, address or order stands in the form.

    By POST, so that no telephone number stands in an address that servers write down.
    """
    now = timezone.now()
    _usable, _version, pack, actor = _chosen(request, now)
    typed = {name: request.POST.get(name, "") for name in KNOWN_BY}
    found = queries.known_before(person(request), pack, typed, office=actor.office, now=now)
    return render(request, "workbench/_repeats.html", {"repeats": found, "is_intake": True, "now": now})


def _chosen(request: HttpRequest, now: datetime) -> tuple[list[tuple[PolicyVersion, Pack]], PolicyVersion, Pack, Actor]:
    """Return the policies under which the person may receive, the one chosen, and as whom they receive."""
    reader = person(request)
    usable = packs.receivable(reader, now=now)
    if not usable:
        raise PermissionDenied
    wanted = request.POST.get("policy") or request.GET.get("policy", "")
    version, pack = next((each for each in usable if each[0].policy == wanted), usable[0])
    holding = packs.can_receive(staff.holdings_of(reader), pack)[0]
    actor = Actor(person=holding.person, role=holding.role, department=holding.department, office=holding.office)
    return usable, version, pack, actor


def complaint_form(pack: Pack, channel: str, data: Any, files: Any) -> ActForm:
    """Return the form of the first act, its fields in the order of the channel's own form, else of the pack."""
    act = pack.main.acts[RECEIVE]
    steps = pack.channels[channel].form or next((c.form for c in pack.channels.values() if c.form), ())
    order = [name for step in steps for name in step.fields]
    names = [name for name in dict.fromkeys([*order, *act.needs, *act.may]) if name not in ASKED_APART]
    allowed = {*act.needs, *act.may}
    return fields_form(pack, [name for name in names if name in allowed], data, files, required=act.needs)


def _receive(
    request: HttpRequest,
    version: PolicyVersion,
    actor: Actor,
    form: ActForm,
    context: Mapping[str, Any],
    now: datetime,
) -> HttpResponse:
    refusals: tuple[Refusal, ...] = ()
    status = 422
    form.keep_uploads(store=keeper(person(request), now))
    if form.is_valid():
        try:
            told = _once(request, version, actor, form.act_data(), context, now)
        except AttachmentRefused as error:
            form.add_error(None, upload_text(error))
        except KeyReused:
            words = _("This form was sent already with something else in it. Look in the register before you send it.")
            form.add_error(None, words)
            context, status = {**context, "key": secrets.token_urlsafe(16)}, 409
        except Refused as error:
            form.refuse([each for each in error.refusals if each.field in form.fields])
            refusals, status = unshown(error.refusals, form), 409
        else:
            receipts.keep(request, told["reference"], told["secret"])
            return redirect("desk_recorded", told["reference"])
    return show(request, "workbench/record.html", "record", {**context, "refusals": refusals}, now=now, status=status)


def _once(
    request: HttpRequest,
    version: PolicyVersion,
    actor: Actor,
    data: dict[str, Any],
    context: Mapping[str, Any],
    now: datetime,
) -> dict[str, str]:
    """Return reference and secret of the complaint; a form that is sent again after a lost answer records no other."""

    def work(keep: Keep) -> None:
        intake.receive(
            version.policy,
            channel=context["channel"],
            language=context["language"],
            data=data,
            actor=actor,
            at=now,
            now=now,
            along=lambda received: keep({"reference": received.case.reference, "secret": received.secret}),
        )

    caller, key = f"desk:{person(request).key}", str(context["key"])[:100]
    answer, _is_repeated = idempotency.once(caller=caller, key=key, body=_typed(request), now=now, work=work)
    return answer


def _typed(request: HttpRequest) -> bytes:
    """Return what tells whether a form is sent again unchanged; files that are sent again have other tokens."""
    said = {name: values for name, values in request.POST.lists() if not name.endswith(("-stored", "middlewaretoken"))}
    return json.dumps(said, sort_keys=True).encode()


@require_safe
@desk
def recorded(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell the number and the code of what was recorded here, as long as the session lives."""
    now, secret = timezone.now(), receipts.secret_of(request, reference)
    if not secret:
        return redirect("desk_case", reference)
    context: dict[str, Any] = {"reference": reference, "secret": secret}
    try:
        accessed = access_case(person(request), reference)
    except NoSuchCase:
        pass  # whoever records at a counter need not see what becomes of it
    else:
        context |= {"can_open": True, "repeats": queries.repeats_of(accessed, now=now)}
    return show(request, "workbench/recorded.html", "record", context, now=now)
