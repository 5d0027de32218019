"""Recording a complaint that arrived by phone, at a counter or by message, and the page that tells its code."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.cases.access.case_access import access_case
from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import AttachmentRefused, KeyReused, NoSuchCase, Refused
from ombud.cases.reading import queries
from ombud.channels import receipts
from ombud.correspondence import inbox
from ombud.engine.model import Actor, Refusal
from ombud.interface.act_form import ActForm, fields_form
from ombud.interface.languages import choices, offered
from ombud.interface.qr import qr
from ombud.interface.upload_text import upload_text
from ombud.organisation import staff
from ombud.organisation.models import PolicyVersion, reader_language
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import fields_of_others
from ombud.policy.vocabulary import CHANNEL, COMPLAINANT, COUNTRY, LANGUAGE, NAME, PHONE, RECEIVE
from ombud.privacy import contacts
from ombud.workbench import look_up_buttons, outsiders, packs, receiving
from ombud.workbench.actpanel import chooser, keeper, unshown
from ombud.workbench.page import desk, person, show
from ombud.workbench.slip_rows import AnonymousForm
from ombud.workbench.when_form import WhenForm
from ombud.worktime.zones import known_zone, zones_of_places

KNOWN_BY = (*contacts.FIELDS, COUNTRY)  # fields by which somebody or an order is known again
ASKED_FIRST: Mapping[str, tuple[str, ...]] = {"phone": (PHONE, NAME)}  # by the kind of the channel: who is calling?
LAST = "recorded_last"  # in the session: policy and channel, so that a pile of slips is typed in one after the other
CALLS = 5  # the newest that nobody has recorded yet
ASKED_APART = frozenset({CHANNEL, LANGUAGE})  # asked above the form


@require_http_methods(["GET", "POST"])
@desk
def record(request: HttpRequest) -> HttpResponse:
    """Choose policy and channel, type in the complaint; its number and code are told on a page of their own."""
    now = timezone.now()
    last_policy, last_channel = request.session.get(LAST, ("", ""))
    usable, version, pack, actor = chosen(request, now, preset=last_policy)
    channel = request.POST.get("channel") or request.GET.get("channel") or last_channel
    if channel not in pack.channels:
        channel = next((c.id for c in pack.channels.values() if c.kind == "phone"), next(iter(pack.channels)))
    form = complaint_form(pack, channel, request.POST or None, request.FILES or None)
    form.ask_who_sees()
    next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    referrers = outsiders.referrers(pack, pack.main.acts[RECEIVE], request.POST or None)
    look_ups = look_up_buttons.offer(form, pack.id, RECEIVE)
    context = {
        "look_ups": look_ups,
        "policies": [each for each, _pack in usable],
        "version": version,
        "pack": pack,
        "channels": pack.channels.values(),
        "channel": channel,
        "languages": choices(pack),
        "language": language_of(request, pack),
        "zones": zones_of_places(),
        "zone": known_zone(request.POST.get("zone")),
        "form": form,
        "referrers": referrers,
        "about": AnonymousForm(request.POST or None),
        "when": WhenForm(pack, request.POST or None, now=now, label=_("When it arrived")),
        "calls": inbox.calls_waiting(permissions_of(person(request)), CALLS),
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
    _usable, _version, pack, actor = chosen(request, now)
    typed = {name: request.POST.get(name, "") for name in KNOWN_BY}
    found = queries.known_before(person(request), pack, typed, office=actor.office, now=now)
    return render(request, "workbench/_repeats.html", {"repeats": found, "is_intake": True, "now": now})


def chosen(
    request: HttpRequest, now: datetime, preset: str = ""
) -> tuple[list[tuple[PolicyVersion, Pack]], PolicyVersion, Pack, Actor]:
    """Return the policies under which the person may receive, the one chosen, and as whom they receive."""
    reader = person(request)
    usable = packs.receivable(reader, now=now)
    if not usable:
        raise PermissionDenied
    wanted = request.POST.get("policy") or request.GET.get("policy", "") or preset
    version, pack = next((each for each in usable if each[0].policy == wanted), usable[0])
    return usable, version, pack, packs.receivers(reader, staff.held_by(reader, now=now), pack)[0]


def complaint_form(pack: Pack, channel: str, data: Any, files: Any) -> ActForm:
    """Return the form of the first act, its fields in the order of the channel's own form, else of the pack."""
    act = pack.main.acts[RECEIVE]
    steps = pack.channels[channel].form or next((c.form for c in pack.channels.values() if c.form), ())
    first = ASKED_FIRST.get(pack.channels[channel].kind, ())
    order = [*first, *(name for step in steps for name in step.fields)]
    apart = ASKED_APART | fields_of_others(pack, COMPLAINANT)
    names = [name for name in dict.fromkeys([*order, *act.needs, *act.may]) if name not in apart]
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
    form.keep_uploads(store=keeper(person(request), now), sees=chooser(person(request)))
    kind, when = context["pack"].channels[context["channel"]].kind, context["when"]
    forms = [form, *(each.form for each in outsiders.through(context["referrers"], kind))]
    about = context["about"]
    is_valid = all([each.is_valid() for each in (*forms, when)])  # each says what is wrong with it
    if is_valid and about.is_fit_for(form):
        data = {name: value for each in forms for name, value in each.act_data().items()}
        try:
            reference = receiving.once(
                request,
                version.policy,
                actor,
                {**data, **when.said},
                channel=context["channel"],
                language=context["language"],
                time_zone=context["zone"],
                at=when.at,
                now=now,
                key=str(context["key"]),
                typed=_typed(request),
                is_anonymous=about.is_said,
            )
        except AttachmentRefused as error:
            form.add_error(None, upload_text(error))
        except KeyReused:
            words = _("This form was sent already with something else in it. Look in the register before you send it.")
            form.add_error(None, words)
            context, status = {**context, "key": secrets.token_urlsafe(16)}, 409
        except Refused as error:
            for each in (*forms, when):
                each.refuse([refusal for refusal in error.refusals if refusal.field in each.fields])
            others = [each for each in error.refusals if each.field not in when.fields]
            refusals, status = unshown(others, *forms), 409
        else:
            request.session[LAST] = (version.policy, context["channel"])
            return redirect("desk_recorded", reference)
    return show(request, "workbench/record.html", "record", {**context, "refusals": refusals}, now=now, status=status)


def language_of(request: HttpRequest, pack: Pack) -> str:
    """Return the language that was chosen, else that of the page: whoever records a call mostly speaks it."""
    asked = request.POST.get("language", "")
    return asked if asked in offered(pack) else reader_language()


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
    link = settings.OMBUD_BASE_URL + reverse("portal:by_link", args=[reference, secret])
    context: dict[str, Any] = {"reference": reference, "secret": secret, "link": link, "qr": qr(link)}
    try:
        accessed = access_case(person(request), reference)
    except NoSuchCase:
        pass  # whoever records at a counter need not see what becomes of it
    else:
        owed = [offer for offer, _actor in queries.offers(accessed, now=now) if offer.discharges and not offer.blocked]
        context |= {"can_open": True, "owed": owed, "repeats": queries.repeats_of(accessed, now=now)}
    return show(request, "workbench/recorded.html", "record", context, now=now)
