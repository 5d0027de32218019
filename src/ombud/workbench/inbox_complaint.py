"""Making a complaint of a message that came in: the form of the policy's first act, filled from what was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.cases.errors import AttachmentRefused, Refused
from ombud.cases.reading import queries
from ombud.channels import filing
from ombud.channels.message_files import files_of
from ombud.correspondence import inbox, talks, wording
from ombud.correspondence.models import Message
from ombud.correspondence.settling import OPEN, SettledMeanwhile
from ombud.engine.model import Actor, Refusal
from ombud.interface.act_form import ActForm
from ombud.interface.fields import FilesField
from ombud.interface.upload_text import upload_text
from ombud.policy.model.pack import Pack
from ombud.workbench.actpanel import unshown
from ombud.workbench.inbox_message import found, shown
from ombud.workbench.page import desk, person, show
from ombud.workbench.record import chosen, complaint_form


@require_http_methods(["GET", "POST"])
@desk
def complaint(request: HttpRequest, message: UUID) -> HttpResponse:
    """Show the form of a complaint with what the message says, and file it; it counts from the first that was said."""
    now, row = timezone.now(), found(person(request), message)
    if row.state not in OPEN:
        return _settled(request, row, now)
    usable, version, pack, actor = chosen(request, now, preset=row.policy)
    channel = _channel(request, row, pack)
    form = complaint_form(pack, channel, request.POST or None, None)
    for name in [name for name, field in form.fields.items() if isinstance(field, FilesField)]:
        del form.fields[name]  # those of the message are taken along
        form.pack_fields = tuple(each for each in form.pack_fields if each != name)
    form.initial.update(filled := filing.filled(row, pack))
    context: dict[str, Any] = {
        "line": inbox.line_of(row),
        "counts_from": talks.together(row)[0].said_at,  # of several things that were said, the first
        "policies": [each for each, _pack in usable],
        "version": version,
        "channels": pack.channels.values(),
        "channel": channel,
        "form": form,
        "files": wording.part(row, wording.FILES) or (),
        "repeats": queries.known_before(person(request), pack, filled, office=actor.office, now=now),
        "now": now,
    }
    status = 200
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            return _file(request, row, form, policy=version.policy, channel=channel, actor=actor, now=now)
        except AttachmentRefused as error:
            form.add_error(None, upload_text(error))
            status = 422
        except Refused as error:
            form.refuse([each for each in error.refusals if each.field in form.fields])
            refusals, status = unshown(error.refusals, form), 409
        except (SettledMeanwhile, IntegrityError):
            return _settled(request, found(person(request), message), now)
    return show(
        request, "workbench/inbox_complaint.html", "inbox", {**context, "refusals": refusals}, now=now, status=status
    )


def _file(
    request: HttpRequest, row: Message, form: ActForm, *, policy: str, channel: str, actor: Actor, now: datetime
) -> HttpResponse:
    received = filing.file(
        row,
        [file for each in talks.together(row) for file in files_of(each)],
        now=now,
        policy=policy,
        channel=channel,
        data=form.act_data(),
        actor=actor,
        by=person(request),
    )
    messages.success(request, _("Filed as {reference}.").format(reference=received.case.reference))
    return redirect("desk_case", received.case.reference)


def _channel(request: HttpRequest, row: Message, pack: Pack) -> str:
    """Return the channel that was chosen, else the account's own, else the first of its kind."""
    asked = request.POST.get("channel") or filing.channel_of(row)
    if asked in pack.channels:
        return asked
    return next((each.id for each in pack.channels.values() if each.kind == "email"), next(iter(pack.channels)))


def _settled(request: HttpRequest, row: Message, now: datetime) -> HttpResponse:
    return shown(request, row, now=now, status=409, more={"is_settled_meanwhile": True})
