"""Of one case: having its complainant erased, which one person asks for and another decides, and recusing people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.case_access import Accessed, access_case
from ombud.cases.access.kept_out import is_recused
from ombud.cases.access.recusal import (
    CannotLift,
    NobodyWouldBeLeft,
    StillHandler,
    ask_to_lift,
    may_lift,
    recuse,
    recuse_accused,
)
from ombud.cases.access.recusal import lift as lift_it
from ombud.cases.errors import CaseError, ReasonMissing
from ombud.cases.keeping import erasure_requests, holds
from ombud.cases.keeping.holds import OnHold
from ombud.cases.models import Case, ErasureRequest, LegalHold, Recusal
from ombud.interface.lists import listed
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person
from ombud.workbench import again, packs
from ombud.workbench.page import can_oversee, desk, person, show

PROBLEMS: dict[type[CaseError], Any] = {
    erasure_requests.NothingToErase: gettext_lazy("The personal data of this complaint is erased already."),
    erasure_requests.AskedBefore: gettext_lazy("Somebody has asked for this already; it waits for a decision."),
    erasure_requests.Unfiled: gettext_lazy("Say on what ground, and where the request is filed, without names."),
    erasure_requests.OwnRequest: gettext_lazy("Nobody decides on their own request. Ask another manager."),
    erasure_requests.DecidedBefore: gettext_lazy("It was decided meanwhile."),
    OnHold: gettext_lazy("A legal hold keeps a case of this person whole. Lift it first, where the law allows."),
    holds.HoldError: gettext_lazy("Say why: others must understand it years later."),
    holds.PastHold: gettext_lazy("This day is over. Leave it empty for a hold that stands until it is lifted."),
    holds.OwnHold: gettext_lazy("Nobody lifts their own hold. Ask another manager."),
    holds.LiftedBefore: gettext_lazy("It was lifted meanwhile."),
    ReasonMissing: gettext_lazy("Say why this person must not see the case."),
    StillHandler: gettext_lazy("This person handles the case. Hand it to somebody else first."),
    CannotLift: gettext_lazy("Another manager lifts it than the one who asked; what an act of the policy did, stays."),
    NobodyWouldBeLeft: gettext_lazy(
        "Everybody who could go on with the case answers to this person. Make it confidential, and name who handles it."
    ),
}
ACCUSED = "accused"  # is taken out with whoever answers to them
KNOWN = tuple(PROBLEMS)  # anything else is not for the page to put into words


class AskForm(forms.Form):
    """What an erasure rests on."""

    ground = forms.ChoiceField(
        label=gettext_lazy("Ground"),
        choices=[("", "\u2014"), *ErasureRequest.Ground.choices],
        widget=forms.Select(attrs={"class": "input"}),
    )
    filed = WordsField(
        label=gettext_lazy("Where the request is filed"),
        max_length=200,
        help_text=gettext_lazy("A file number or the date of a letter, no names: it outlives the erasure."),
    )


class HoldForm(forms.Form):
    """Why a case must be kept whole, and for how long."""

    reason = WordsField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("A lawsuit, an order: its number, no names. It stays readable."),
    )
    until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Empty: until it is lifted."),
    )


class RecuseForm(forms.Form):
    """Who must not see the case, and why."""

    who = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=Person.objects.none(),
        empty_label="\u2014",
        widget=forms.Select(attrs={"class": "input"}),
    )
    whom = forms.ChoiceField(
        label=gettext_lazy("Who is taken out"),
        choices=[
            ("one", gettext_lazy("Only this person")),
            (ACCUSED, gettext_lazy("The complaint is about this person: whoever answers to them, too")),
        ],
        initial="one",
        widget=forms.RadioSelect,
    )
    reason = WordsField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        out = Recusal.objects.filter(case=case, lifted_at=None).values("person")
        staff = Person.objects.filter(is_active=True, memberships__policy__in=(case.policy, ""))
        field = self.fields["who"]
        assert isinstance(field, forms.ModelChoiceField), "declared so above"
        field.queryset = staff.exclude(pk__in=out).distinct().order_by("username")


@desk
def privacy(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what holds the case, what was asked about its personal data, who was taken out of it; take in any of it."""
    now, reader = timezone.now(), person(request)
    accessed = access_case(reader, reference)
    case = accessed.case
    if not erasure_requests.may_ask(case, accessed.permissions):
        raise PermissionDenied
    is_manager = packs.is_manager(reader)
    posted = request.POST.get("do") if request.method == "POST" else None
    ask = AskForm(request.POST if posted == "ask" else None)
    held = HoldForm(request.POST if posted == "hold" else None)
    out = RecuseForm(request.POST if posted == "recuse" else None, case=case) if is_manager else None
    if posted == "hold" and held.is_valid() and _held(request, case, held, now):
        return redirect("desk_privacy", reference=case.reference)
    if posted == "ask" and ask.is_valid() and _asked(request, case, ask, now):
        return redirect("desk_privacy", reference=case.reference)
    if posted == "recuse" and out is not None and out.is_valid() and _recused(request, case, out, now):
        is_own = is_recused(case, reader)
        return redirect("desk_register") if is_own else redirect("desk_privacy", reference=case.reference)
    context, status = _context(accessed, ask, out), 422 if posted else 200
    context |= {"hold_form": held, "holds": holds.of_case(case), "running": _running(case, now)}
    return show(request, "workbench/privacy.html", "register", context, now=now, status=status)


def _context(accessed: Accessed, ask: AskForm, out: RecuseForm | None) -> dict[str, Any]:
    case, reader = accessed.case, accessed.reader
    requests = erasure_requests.of_case(case)
    recusals = Recusal.objects.filter(case=case).select_related("person", "lift_asked_by", "lifted_by")
    return {
        "accessed": accessed,
        "case": case,
        "is_erased": accessed.vault.is_erased,
        "requests": requests,
        "waiting": next((each for each in requests if each.decided_at is None), None),
        "reader": reader,
        "number": Case.objects.filter(complainant=case.complainant_id).count() if case.complainant_id else 0,
        "ask": ask,
        "recuse": out,
        "recusals": [(row, may_lift(case, row)) for row in recusals.order_by("at", "id")],
        "is_manager": out is not None,
    }


def _running(case: Case, now: datetime) -> set[int]:
    return set(holds.in_force(now=now).filter(case=case).values_list("pk", flat=True))


def _held(request: HttpRequest, case: Case, form: HoldForm, now: datetime) -> bool:
    try:
        holds.hold(case, **form.cleaned_data, by=person(request), now=now)
    except KNOWN as error:
        form.add_error(None, _words(error))
        return False
    messages.success(request, _("Held. Nothing of it is removed or erased."))
    return True


@require_POST
@desk
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a hold that somebody else placed."""
    row = LegalHold.objects.select_related("case").filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        holds.lift(row, reason=request.POST.get("reason", ""), by=person(request), now=timezone.now())
        messages.success(request, _("Lifted. The case goes by the policy's time again."))
    except KNOWN as error:
        messages.error(request, _words(error))
    return redirect("desk_privacy", reference=row.case.reference)


def _asked(request: HttpRequest, case: Case, form: AskForm, now: datetime) -> bool:
    try:
        erasure_requests.ask(case.reference, **form.cleaned_data, by=person(request), now=now)
    except KNOWN as error:
        form.add_error(None, _words(error))
        return False
    messages.success(request, _("Asked. Somebody else decides; nothing is erased before."))
    return True


def _recused(request: HttpRequest, case: Case, form: RecuseForm, now: datetime) -> bool:
    who = form.cleaned_data["who"]
    try:
        out = _take_out(case, who, form, now)
    except KNOWN as error:
        form.add_error(None, _words(error))
        return False
    if len(out) > 1:
        names = listed(map(str, out))
        messages.success(request, _("These people do not find this case any more: {people}.").format(people=names))
    else:
        messages.success(request, _("{person} does not find this case any more.").format(person=who))
    return True


def _take_out(case: Case, who: Person, form: RecuseForm, now: datetime) -> tuple[Person, ...]:
    reason = form.cleaned_data["reason"]
    if form.cleaned_data["whom"] == ACCUSED:
        return recuse_accused(case, who, reason=reason, now=now)
    recuse(case, who, reason=reason, now=now)
    return (who,)


@require_POST
@desk
def lift_recusal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down that somebody be let in again, or do so where another one asked."""
    now, reader = timezone.now(), person(request)
    row = Recusal.objects.select_related("case__complainant", "person").filter(pk=pk).first()
    if row is None:
        raise Http404
    access_case(reader, row.case.reference)
    if not packs.is_manager(reader):
        raise PermissionDenied
    try:
        if request.POST.get("do") == "lift":
            lift_it(row, by=reader, now=now)
            messages.success(request, _("{person} finds this case again.").format(person=row.person))
        else:
            ask_to_lift(row, reason=request.POST.get("reason", ""), by=reader, now=now)
            messages.success(request, _("Asked. Another manager decides; until then it stays."))
    except ReasonMissing:
        messages.error(request, _("Say why this person is to see the case again."))
    except CannotLift as error:
        messages.error(request, _words(error))
    return redirect("desk_privacy", reference=row.case.reference)


@require_GET
@desk
def erasures(request: HttpRequest) -> HttpResponse:
    """Show what waits for a decision and what was decided, to managers and auditors."""
    now, reader = timezone.now(), person(request)
    if not can_oversee(reader):
        raise PermissionDenied
    rows = erasure_requests.latest(reader)
    context = {
        "waiting": [row for row in rows if row.decided_at is None],
        "decided": [row for row in rows if row.decided_at is not None],
        "reader": reader,
        "is_manager": packs.is_manager(reader),
    }
    return show(request, "workbench/erasures.html", "erasures", context, now=now)


@require_POST
@desk
@again.proved
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase, or let be. To erase, the number of the case is typed: it cannot be undone."""
    now, reader = timezone.now(), person(request)
    row = ErasureRequest.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    access_case(reader, row.reference)
    try:
        if request.POST.get("verdict") == "reject":
            erasure_requests.reject(row, by=reader, now=now)
            messages.success(request, _("Not erased. The request stays on record."))
        elif request.POST.get("confirm", "").strip().upper() != row.reference:
            messages.error(request, _("Type the number of the case to erase: it cannot be undone."))
        else:
            number = erasure_requests.approve(row, by=reader, now=now)
            messages.success(request, _("Erased, in {number} cases.").format(number=number))
    except KNOWN as error:
        messages.error(request, _words(error))
    return redirect("desk_privacy", reference=row.reference)


def _words(error: CaseError) -> str:
    return str(PROBLEMS[type(error)])
