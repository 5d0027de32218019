"""Writing to people outside: the message, and in the same place the act of the policy that it performs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ombud.cases.access.case_access import ACT, Accessed, access_case
from ombud.cases.errors import AttachmentRefused, Refused, Stale
from ombud.cases.reading import queries
from ombud.correspondence import accounts, composing, conversation, replies
from ombud.correspondence.composing import Draft, GoneAlready, Unsendable
from ombud.correspondence.enclosures import TooLarge
from ombud.correspondence.models import Message
from ombud.engine.model import AvailableAct
from ombud.interface.act_form import ActForm
from ombud.interface.upload_text import upload_text
from ombud.organisation.models import words
from ombud.policy.model.records import Document
from ombud.policy.vocabulary import COMPLAINANT, MESSAGE, MESSAGE_LANGUAGE
from ombud.workbench import actpanel, packs, receivers
from ombud.workbench.actpanel import Chosen
from ombud.workbench.consequences import consequences
from ombud.workbench.inserting import INSERT, inserted
from ombud.workbench.message_form import MessageForm, languages_of
from ombud.workbench.page import desk, person, show
from ombud.workbench.receivers import Receiver


@dataclass(frozen=True, kw_only=True, slots=True)
class Performs:
    """The act that a message performs, its other fields, and the letter that goes out instead, where it has one."""

    chosen: Chosen
    form: ActForm
    letter: Document | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """What is being written on a case, and to whom."""

    request: HttpRequest
    accessed: Accessed
    to: Receiver
    form: MessageForm
    performs: Performs | None
    now: datetime


@require_http_methods(["GET", "POST"])
@desk
def write(request: HttpRequest, reference: str) -> HttpResponse:
    """Write to somebody outside about a case; what the message is under the policy is recorded with it."""
    now, reader = timezone.now(), person(request)
    accessed = access_case(reader, reference, ACT)
    if accessed.is_masked or accessed.vault.is_erased:
        raise PermissionDenied
    to, pack = receivers.chosen(request, accessed), packs.pack_of(accessed.case)
    performs = _performs(request, accessed, to, now)
    sent: QueryDict | None = request.POST if request.method == "POST" else None
    if sent is not None and INSERT in sent:
        sent = inserted(sent, accessed, pack, to=to.role, now=now)
    form = MessageForm(
        sent,
        request.FILES if sent is not None else None,
        languages=languages_of(pack, accessed.case.language),
        case_files=queries.attachments(accessed),
        initial={"language": accessed.case.language},
    )
    store = actpanel.keeper(reader, now)
    form.keep_uploads(store=store)
    writing = Writing(request=request, accessed=accessed, to=to, form=form, performs=performs, now=now)
    if performs is not None:
        performs.form.keep_uploads(store=store, sees=actpanel.chooser(reader))
    if sent is None or "choose" in sent or INSERT in sent:
        form.ask_nothing()
        if performs is not None:
            performs.form.ask_nothing()
        return _page(writing)
    is_valid = performs is None or performs.form.is_valid()
    if performs is None or performs.letter is None:
        is_valid = form.is_valid() and is_valid
    if not is_valid or "preview" in sent:
        return _page(writing, status=200 if is_valid else 422, more={"is_preview": is_valid})
    return _send(writing)


@require_POST
@desk
def call_back(request: HttpRequest, reference: str, message: UUID) -> HttpResponse:
    """Call a message back that has not left yet; its words stay in the conversation."""
    now, accessed = timezone.now(), access_case(person(request), reference, ACT)
    try:
        composing.call_back(conversation.message_of(accessed, message, now=now), now=now)
    except Message.DoesNotExist as error:
        raise Http404 from error
    except GoneAlready:
        messages.error(request, _("Too late: the message has left."))
    else:
        messages.success(request, _("Called back: it was not sent."))
    return redirect("desk_case", reference=reference)


def _performs(request: HttpRequest, accessed: Accessed, to: Receiver, now: datetime) -> Performs | None:
    """Return the act that was chosen, where it can be done now."""
    act = request.POST.get("act", "") or request.GET.get("act", "")
    offers = tuple(each for each in queries.offers(accessed, now=now) if each[0] in tellings(accessed, to.role, now))
    chosen = actpanel.find(accessed, offers, act) if act else None
    if chosen is None:
        return None
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = actpanel.build(accessed, chosen, *sent, now=now)
    letter = composing.letter_of(packs.pack_of(accessed.case), act, to.role)
    for name in (MESSAGE, MESSAGE_LANGUAGE):
        if name in form.fields and letter is None:
            del form.fields[name]  # the message itself says it
    form.pack_fields = tuple(name for name in form.pack_fields if name in form.fields)
    return Performs(chosen=chosen, form=form, letter=letter)


def tellings(accessed: Accessed, role: str, now: datetime) -> list[AvailableAct]:
    """Return the acts on offer by which a role outside is told something in writing."""
    pack = packs.pack_of(accessed.case)
    acts = pack.procedures[accessed.case.procedure].acts
    return [
        offer
        for offer, _actor in queries.offers(accessed, now=now)
        if not offer.blocked
        and offer.act in acts
        and acts[offer.act].contacts == role
        and (MESSAGE in (*offer.needs, *offer.may) or composing.letter_of(pack, offer.act, role) is not None)
    ]


def _send(writing: Writing) -> HttpResponse:
    request, to, form, performs, now = writing.request, writing.to, writing.form, writing.performs, writing.now
    reader, case = person(request), writing.accessed.case
    try:
        draft = None if performs is not None and performs.letter is not None else _draft(to, form, reader)
        if performs is None:
            assert draft is not None, "without an act there is a message"
            send_at = now + timedelta(seconds=settings.OMBUD_UNDO_SECONDS)
            composing.queue(case, draft, by=reader, now=now, send_at=send_at)
            messages.success(request, _("It is sent in a moment. Until then it can be called back below."))
        else:
            seen = request.POST.get("seen", "")
            done = composing.tell(
                case, draft, performs.chosen.act, actor=performs.chosen.actor,
                data=_data(writing.accessed, performs, draft),
                seen=int(seen[:18]) if seen.isdecimal() else case.seq, by=reader, now=now,
            )  # fmt: skip
            messages.success(request, consequences(done, title=performs.chosen.title, now=now))
    except Unsendable:
        form.add_error(None, _unsendable(to))
    except TooLarge:
        form.add_error("uploads", _("Together these files are larger than mail servers take. Send fewer."))
    except AttachmentRefused as error:
        form.add_error("uploads", upload_text(error))
    except Refused as error:
        for each in error.refusals:
            form.add_error(None, words(dict(each.message)))
    except Stale as error:
        form.add_error(None, _("Something happened in the meantime. Look at the case, then send this again."))
        return _page(writing, status=409, more={"seen": error.seq})
    else:
        return redirect("desk_case", reference=case.reference)
    return _page(writing, status=422)


def _draft(to: Receiver, form: MessageForm, reader: Any) -> Draft:
    said = form.cleaned_data
    return Draft(
        name=to.name,
        address=to.address,
        to=to.role,
        passed_over=to.passed_over,
        subject=said["subject"],
        text=said["text"],
        language=said["language"],
        files=form.enclosures(reader),
    )


def _data(accessed: Accessed, performs: Performs, draft: Draft | None) -> dict[str, Any]:
    data = actpanel.changed_data(accessed, performs.chosen, performs.form)
    asked = (*performs.chosen.offer.needs, *performs.chosen.offer.may)
    if draft is not None:
        said = {MESSAGE: draft.text, MESSAGE_LANGUAGE: draft.language}
        data |= {name: value for name, value in said.items() if name in asked}
    return data


def _unsendable(to: Receiver) -> str:
    if to.address:
        return _("No account sends messages for this policy. Ask an administrator.")
    if to.role == COMPLAINANT:
        return _(
            "No mail address is known, nor a mobile number that an account sends SMS to. Tell them in another way."
        )
    return _("No e-mail address is known there. Write by post, or enter an address on the case.")


def _page(writing: Writing, *, status: int = 200, more: Mapping[str, Any] | None = None) -> HttpResponse:
    request, accessed, to, performs = writing.request, writing.accessed, writing.to, writing.performs
    case, pack = accessed.case, packs.pack_of(accessed.case)
    account = accounts.speaking(case, to.address)
    context = {
        "case": case,
        "form": writing.form,
        "performs": performs,
        "acts": [
            (each, composing.letter_of(pack, each.act, to.role)) for each in tellings(accessed, to.role, writing.now)
        ],
        "to": to,
        "receivers": receivers.of(accessed),
        "replies": replies.offered(accessed, pack),
        "hold": settings.OMBUD_UNDO_SECONDS if performs is not None else 0,
        "seen": request.POST.get("seen") or case.seq,
        "shown_address": to.address.rpartition(":")[2],
        "account": account,
        "problem": "" if account is not None else _unsendable(to),
        **(more or {}),
    }
    template = "workbench/_write.html" if request.headers.get("HX-Request") else "workbench/write.html"
    return show(request, template, "register", context, now=writing.now, status=status)
