"""A pile of slips, from a box or a counter: typed in row by row on one page, each row a complaint of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ombud.cases.errors import AttachmentRefused, KeyReused, Refused
from ombud.channels import receipts
from ombud.engine.model import Actor, Refusal
from ombud.interface.fields import StoredFile, stored_file
from ombud.interface.languages import choices
from ombud.interface.qr import qr
from ombud.interface.upload_text import upload_text
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import EVIDENCE
from ombud.workbench import receiving, slip_rows
from ombud.workbench.actpanel import keeper
from ombud.workbench.page import desk, person, show
from ombud.workbench.record import chosen, language_of
from ombud.workbench.slip_rows import SCANS, Slip
from ombud.workbench.when_form import WhenForm

ON_PAPER = ("box", "counter", "store", "partner", "regulator", "other")  # kinds by which slips come, likeliest first
LAST = "slips_last"  # in the session: policy and channel


@dataclass(kw_only=True, slots=True)
class Pile:
    """What holds for every slip of the pile."""

    policy: str
    pack: Pack
    actor: Actor
    channel: str
    language: str
    when: WhenForm
    now: datetime
    refused: dict[str, tuple[Refusal, ...]] = field(default_factory=dict)  # by the key of a row
    left: list[str] = field(default_factory=list)  # tokens of scans that found no row


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What the complainant takes along of a slip."""

    reference: str
    secret: str
    link: str
    qr: SafeString


@require_http_methods(["GET", "POST"])
@desk
def slips(request: HttpRequest) -> HttpResponse:
    """Record every row that holds something, each by itself; what the policy refuses stays as it was typed."""
    now = timezone.now()
    last_policy, last_channel = request.session.get(LAST, ("", ""))
    usable, version, pack, actor = chosen(request, now, preset=last_policy)
    pile = Pile(
        policy=version.policy,
        pack=pack,
        actor=actor,
        channel=_channel(request, pack, last_channel),
        language=language_of(request, pack),
        when=WhenForm(pack, request.POST or None, now=now, label=_("When it was handed in, or the box was opened")),
        now=now,
    )
    waiting: list[Slip] = []
    if request.method == "POST":
        before = receipts.references(request)
        waiting = _recorded(request, pile)
        if not waiting and not pile.left:
            if receipts.references(request) == before:
                messages.warning(request, _("Nothing was recorded: no row holds anything yet."))
            return redirect("desk_slips")
    known = slip_rows.with_room(pack, waiting)
    _focus(known)
    context = {
        "policies": [each for each, _pack in usable],
        "version": version,
        "pack": pack,
        "channels": _on_paper(pack),
        "channel": pile.channel,
        "languages": choices(pack),
        "language": pile.language,
        "when": pile.when,
        "rows": [(each, pile.refused.get(each.key, ())) for each in known],
        "done": receipts.references(request),
        "left": [(token, StoredFile.from_token(token)) for token in pile.left],
        "takes_scans": any(EVIDENCE in each.form.fields for each in known),
    }
    status = 422 if any(each.form.errors or each.key in pile.refused for each in waiting) or pile.when.errors else 200
    return show(request, "workbench/slips.html", "slips", context, now=now, status=status)


@require_safe
@desk
def slip_receipts(request: HttpRequest) -> HttpResponse:
    """Show the receipts that this browser keeps, one a sheet: number, code, a QR that opens the page."""
    found = [_receipt(reference, receipts.secret_of(request, reference)) for reference in receipts.references(request)]
    return show(request, "workbench/slip_receipts.html", "slips", {"receipts": found}, now=timezone.now())


def _recorded(request: HttpRequest, pile: Pile) -> list[Slip]:
    """Record the rows that were sent, and return those that still have to be looked at."""
    keep = keeper(person(request), pile.now)
    loose = [_kept(request, keep, each) for each in request.FILES.getlist(SCANS)]
    tokens = [*request.POST.getlist(f"{SCANS}-stored"), *(each for each in loose if each)]
    sent, pile.left = slip_rows.deal(request.POST, slip_rows.in_order(tokens), pile.pack)
    rows = slip_rows.rows(pile.pack, sent, request.FILES)
    is_pile_good, waiting, done = pile.when.is_valid(), [], 0
    for row in rows:
        row.form.keep_uploads(store=keep)
        if row.is_empty:
            continue
        # Scans that were only just dealt out wait for the words on them.
        is_dealt = bool(tokens) and not _has_words(row)
        if is_dealt or not is_pile_good or not _is_recorded(request, pile, row, sent):
            if is_dealt:
                row.form.ask_nothing()
            waiting.append(row)
        else:
            done += 1
    request.session[LAST] = (pile.policy, pile.channel)
    if done:
        said = ngettext("%(n)s slip was recorded.", "%(n)s slips were recorded.", done)
        messages.success(request, said % {"n": done})
    return waiting


def _is_recorded(request: HttpRequest, pile: Pile, row: Slip, sent: QueryDict) -> bool:
    if not row.is_valid():
        return False
    try:
        receiving.once(
            request,
            pile.policy,
            pile.actor,
            {**row.data(), **pile.when.said},
            channel=pile.channel,
            language=pile.language,
            at=pile.when.at,
            now=pile.now,
            key=f"slip:{row.key}",
            typed=_typed(row, pile, sent),
            is_anonymous=row.about.is_said,
        )
    except AttachmentRefused as error:
        row.form.add_error(None, upload_text(error))
    except KeyReused:
        row.form.add_error(None, _("This slip was recorded already with other words. Look in the register."))
    except Refused as error:
        pile.when.refuse(error.refusals)
        # Beside the clauses, which a field does not show.
        pile.refused[row.key] = tuple(each for each in error.refusals if each.field not in pile.when.fields)
    else:
        return True
    return False


def _kept(request: HttpRequest, keep: Any, file: Any) -> str:
    """Return the token of a scan of the pile that came along with the form; a word of those that are not taken."""
    try:
        return stored_file(keep(file)).token
    except AttachmentRefused as error:
        messages.error(request, upload_text(error, file.name or ""))
    return ""


def _has_words(row: Slip) -> bool:
    return any(row.form.data.get(row.form.add_prefix(name), "").strip() for name in row.form.pack_fields)


def _typed(row: Slip, pile: Pile, sent: QueryDict) -> bytes:
    """Return what tells whether a row is sent again unchanged; scans that are sent again have other tokens."""
    words = {name: sent.get(f"{row.key}-{name}", "") for name in (*row.form.fields, slip_rows.ANONYMOUS)}
    return json.dumps([pile.policy, pile.channel, words], sort_keys=True).encode()


def _on_paper(pack: Pack) -> list[Any]:
    """Return the channels by which slips may come, the likeliest first: all that are no page of the portal."""
    ranks = {kind: rank for rank, kind in enumerate(ON_PAPER)}
    found = [each for each in pack.channels.values() if each.kind in ranks] or list(pack.channels.values())
    return sorted(found, key=lambda each: ranks.get(each.kind, len(ranks)))


def _channel(request: HttpRequest, pack: Pack, last: str) -> str:
    known = [each.id for each in _on_paper(pack)]
    asked = request.POST.get("channel") or request.GET.get("channel") or last
    return asked if asked in known else str(known[0])


def _focus(rows: Iterable[Slip]) -> None:
    """Let typing begin at the first thing to mend, else in the first row whose words are missing."""
    rows = list(rows)
    wrong = next((each for each in rows if each.form.is_bound and each.form.errors), None)
    if wrong is not None:
        wrong.form.focus_on_error()
        return
    first = next((each for each in rows if not _has_words(each)), None)
    if first is not None:
        next(iter(first.form.fields.values())).widget.attrs["autofocus"] = True


def _receipt(reference: str, secret: str) -> Receipt:
    link = settings.OMBUD_BASE_URL + reverse("portal:by_link", args=[reference, secret])
    return Receipt(reference=reference, secret=secret, link=link, qr=qr(link))
