"""A letter that the policy lets people edit: its words, its versions, who approved it; sent from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from itertools import islice
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ombud.cases.access.case_access import ACT, Accessed, access_case
from ombud.correspondence import letter_drafts, letter_versions
from ombud.correspondence.letter_drafts import NobodyOutside, NoReason, NotADraft, NotApproved, OwnWords
from ombud.correspondence.models import LetterVersion, Message
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person
from ombud.privacy.keys import key_of
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

LONGEST = 100_000  # characters: a letter may quote several long texts of its case


class DraftForm(forms.Form):
    """The words of a letter."""

    subject = WordsField(label=gettext_lazy("Subject"), max_length=200)
    text = WordsField(
        label=gettext_lazy("Letter"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 18, "dir": "auto"}),
        help_text=gettext_lazy("An empty line begins a paragraph, a hyphen and a blank an item of a list."),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionLine:
    """A version with what it changed."""

    version: LetterVersion
    words: str
    reason: str  # why it was sent back
    changes: tuple[tuple[str, str], ...]  # (mark, line): " " stays, "-" went, "+" came


@require_http_methods(["GET", "POST"])
@desk
def draft(request: HttpRequest, reference: str, message: UUID) -> HttpResponse:
    """Show a drafted letter; keep somebody's words, have them approved, send them."""
    now, reader = timezone.now(), person(request)
    accessed = access_case(reader, reference, ACT)
    if accessed.is_masked or accessed.vault.is_erased:
        raise PermissionDenied
    row = _row(accessed, message)
    if request.method == "POST":
        return _do(request, accessed, row, reader, now)
    return _page(request, accessed, row, reader, now=now)


def of(accessed: Accessed) -> dict[str, Any]:
    """Return the drafted letters of a case, for its page."""
    rows = Message.objects.filter(case=accessed.case, state=Message.State.DRAFTED).order_by("said_at", "id")
    titles = packs.pack_of(accessed.case).documents
    return {"letter_drafts": [(row, titles[row.document].title if row.document in titles else {}) for row in rows]}


def _row(accessed: Accessed, key: UUID) -> Message:
    rows = Message.objects.select_related("case__complainant", "case__handler", "keeper")
    row = rows.filter(pk=key, case=accessed.case, state=Message.State.DRAFTED).first()
    if row is None:
        raise Http404
    return row


def _do(request: HttpRequest, accessed: Accessed, row: Message, reader: Person, now: datetime) -> HttpResponse:
    """Do what a button says; what was typed is kept with it, whatever becomes of the rest."""
    form, did, seen = DraftForm(request.POST), request.POST.get("do", ""), request.POST.get("seen", "")
    number = int(seen[:4]) if seen.isdecimal() else 0
    if not form.is_valid() or did not in _DO:
        return _page(request, accessed, row, reader, now=now, form=form, status=422)
    if did == "preview":
        return _page(request, accessed, row, reader, now=now, form=form, more={"is_preview": True})
    said, reason = form.cleaned_data, request.POST.get("reason", "")
    try:
        if did != "back":  # who sends it back changes nothing in it
            number = letter_drafts.edit(
                row, said["subject"], said["text"].replace("\r\n", "\n"), seen=number, by=reader, now=now
            ).number
        _DO[did](row, reason, number, reader, now)
    except tuple(_WHY_NOT) as error:
        form.add_error(None, str(_WHY_NOT[type(error)]))
        status = 409 if isinstance(error, NotADraft) else 422
        # The words may be kept already: who tries again does so over them.
        return _page(request, accessed, row, reader, now=now, form=form, status=status, more={"seen": number})
    messages.success(request, str(_DONE[did]))
    if did in ("send", "aside"):
        return redirect("desk_case", reference=accessed.case.reference)
    return redirect("desk_letter_draft", reference=accessed.case.reference, message=row.pk)


def _page(
    request: HttpRequest,
    accessed: Accessed,
    row: Message,
    reader: Person,
    *,
    now: datetime,
    form: DraftForm | None = None,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    key, pack = key_of(row.keeper), packs.pack_of(accessed.case)
    versions = list(row.versions.select_related("by", "decided_by").order_by("number"))
    latest, document = versions[-1], letter_versions.document_of(row)
    subject, text = letter_versions.words_of(latest, key)
    approvers = letter_versions.approving(row)
    is_handed_in = letter_versions.is_handed_in(latest)
    context = {
        "case": accessed.case,
        "row": row,
        "title": document.title if document else {},
        "to": pack.roles[row.to].title if row.to in pack.roles else {},
        "form": form or DraftForm(initial={"subject": subject, "text": text}),
        "seen": request.POST.get("seen") or latest.number,
        "latest": latest,
        "lines": tuple(reversed(tuple(_lines(versions, key)))),
        "approve": pack.roles[document.approve].title if document and document.approve else {},
        "is_handed_in": is_handed_in,
        "may_approve": is_handed_in and reader in approvers,
        **(more or {}),
    }
    return show(request, "workbench/letter_draft.html", "register", context, now=now, status=status)


def _lines(versions: list[LetterVersion], key: bytes | None) -> Iterator[VersionLine]:
    before = ""
    for version in versions:
        subject, text = letter_versions.words_of(version, key)
        whole = f"{subject}\n\n{text}".strip()
        # Line by line: what compares letters within them takes hours over thousands of short ones.
        found = unified_diff(before.splitlines(), whole.splitlines(), n=0, lineterm="") if before else ()
        changes = tuple((line[0], line[1:]) for line in islice(found, 2, None) if line[0] in "-+" and line[1:].strip())
        reason = letter_versions.reason_of(version, key)
        yield VersionLine(version=version, words=whole, reason=reason, changes=changes)
        before = whole


_Did = Callable[[Message, str, int, Person, datetime], None]


def _save(row: Message, reason: str, seen: int, by: Person, now: datetime) -> None:
    """Do nothing more: the words were kept."""


def _hand_in(row: Message, reason: str, seen: int, by: Person, now: datetime) -> None:
    letter_drafts.hand_in(row, seen=seen, by=by, now=now)


def _approved(row: Message, reason: str, seen: int, by: Person, now: datetime) -> None:
    letter_drafts.decide(row, is_approved=True, reason="", seen=seen, by=by, now=now)


def _back(row: Message, reason: str, seen: int, by: Person, now: datetime) -> None:
    letter_drafts.decide(row, is_approved=False, reason=reason, seen=seen, by=by, now=now)


def _send(row: Message, reason: str, seen: int, by: Person, now: datetime) -> None:
    letter_drafts.send(row, seen=seen, by=by, now=now)


def _aside(row: Message, reason: str, seen: int, by: Person, now: datetime) -> None:
    letter_drafts.put_aside(row, reason=reason, seen=seen, by=by, now=now)


_DO: Mapping[str, _Did] = {
    "save": _save,
    "preview": _save,
    "hand-in": _hand_in,
    "approve": _approved,
    "back": _back,
    "send": _send,
    "aside": _aside,
}
_DONE: Mapping[str, Promise] = {
    "save": gettext_lazy("Kept. It has not been sent."),
    "hand-in": gettext_lazy("Handed in for approval."),
    "approve": gettext_lazy("Approved. It can be sent now."),
    "back": gettext_lazy("Sent back."),
    "send": gettext_lazy("The letter was written and goes out."),
    "aside": gettext_lazy("Put aside: it is not sent."),
}
_WHY_NOT: Mapping[type[Exception], Promise] = {
    NotADraft: gettext_lazy("Somebody has changed this letter meanwhile. Copy your words, then open it again."),
    NotApproved: gettext_lazy("It goes out only once it is approved in these words."),
    OwnWords: gettext_lazy("Whoever wrote in it does not approve it."),
    NobodyOutside: gettext_lazy("Nobody outside can be addressed. Give an address on the case page first."),
    NoReason: gettext_lazy("Say why."),
}
