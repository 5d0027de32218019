"""Confidential cases on their pages: who is named on a list, and for overseers that there are such cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.cases import confidential as lists
from ombud.cases.access.case_access import Accessed, access_case
from ombud.cases.access.kept_out import closed_to
from ombud.cases.errors import CaseError, ReasonMissing
from ombud.interface.words_field import WordsField
from ombud.notices import reading
from ombud.organisation.models import Person
from ombud.privacy import log
from ombud.workbench.case import unmask_words
from ombud.workbench.page import desk, person, show

PROBLEMS: dict[type[CaseError], Any] = {
    ReasonMissing: gettext_lazy("Say why: others must understand it years later."),
    lists.HandlerUnnamed: gettext_lazy("Whoever handles the case must be on its list. Hand it to somebody else first."),
    lists.NobodyLeft: gettext_lazy("Somebody must be left on the list. Make the case confidential no more instead."),
    lists.ChangedBefore: gettext_lazy("It was changed meanwhile."),
}
KNOWN = tuple(PROBLEMS)


class WhyForm(forms.Form):
    """Why the case, or somebody's part in it, is confidential."""

    reason = WordsField(label=gettext_lazy("Reason"), max_length=500)


class NameForm(WhyForm):
    """Whom the list is to name, and why."""

    who = forms.ModelChoiceField(
        label=gettext_lazy("Person"),
        queryset=Person.objects.none(),
        empty_label="\u2014",
        widget=forms.Select(attrs={"class": "input"}),
    )
    field_order = ("who", "reason")

    def __init__(self, *args: Any, people: list[Person], has_these: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [each.pk for each in people]
        staff = Person.objects.filter(is_active=True, memberships__isnull=False)
        field = self.fields["who"]
        assert isinstance(field, forms.ModelChoiceField), "declared so above"
        chosen = Person.objects.filter(pk__in=keys) if has_these else staff.exclude(pk__in=keys).distinct()
        field.queryset = chosen.order_by("username")


@desk
def confidence(request: HttpRequest, reference: str) -> HttpResponse:
    """Show whom the list of a case names; take in who makes it confidential, whom they name, and why."""
    now, accessed = timezone.now(), access_case(person(request), reference)
    people, is_keeper = lists.named(accessed.case), lists.may_confide(accessed)
    if not people and not is_keeper:
        raise PermissionDenied
    posted = request.POST.get("do", "") if request.method == "POST" else ""
    shapes = _forms(request, posted, people) if is_keeper else {}
    if posted and not is_keeper:
        raise PermissionDenied
    form = shapes.get(posted)
    if form is not None and form.is_valid() and _done(request, accessed, posted, form, now):
        own = posted == "shut_out" and form.cleaned_data["who"] == accessed.reader
        return redirect("desk_register") if own else redirect("desk_confidence", reference=accessed.case.reference)
    context = {"accessed": accessed, "case": accessed.case, "people": people, "is_keeper": is_keeper, **shapes}
    return show(request, "workbench/confidence.html", "register", context, now=now, status=422 if posted else 200)


def _forms(request: HttpRequest, posted: str, people: list[Person]) -> dict[str, forms.Form]:
    def sent(do: str) -> Any:
        return request.POST if posted == do else None

    if not people:
        return {"confide": WhyForm(sent("confide"))}
    return {
        "let_in": NameForm(sent("let_in"), people=people, has_these=False),
        "shut_out": NameForm(sent("shut_out"), people=people, has_these=True, prefix=None),
        "open_up": WhyForm(sent("open_up")),
    }


def _done(request: HttpRequest, accessed: Accessed, do: str, form: forms.Form, now: datetime) -> bool:
    said, case = form.cleaned_data, accessed.case
    try:
        if do == "confide":
            handler = [case.handler] if case.handler is not None else []
            lists.confide(accessed, handler, reason=said["reason"], now=now)
        elif do == "let_in":
            lists.let_in(accessed, said["who"], reason=said["reason"], now=now)
        elif do == "shut_out":
            lists.shut_out(accessed, said["who"], reason=said["reason"], now=now)
        else:
            lists.open_up(accessed, reason=said["reason"], now=now)
    except KNOWN as error:
        form.add_error(None, str(PROBLEMS[type(error)]))
        return False
    messages.success(request, _("Written down. Everybody on the list is told."))
    return True


@desk
def confidential(request: HttpRequest) -> HttpResponse:
    """Show overseers that there are confidential cases, and what proves them; let them in for a reason."""
    now, reader = timezone.now(), person(request)
    if not lists.own_overseer_roles(reader):
        raise PermissionDenied
    context: dict[str, Any] = {}
    if request.method == "POST":
        reference, reason = request.POST.get("reference", ""), request.POST.get("reason", "")
        try:
            case = lists.look_in(reader, reference, reason=reason, now=now)
            messages.success(request, _("You are on the list now, and everybody on it is told."))
            return redirect("desk_case", reference=case.reference)
        except (log.ReasonMissing, log.AllowanceUsed) as error:
            context = {"problem": unmask_words(error), "reason": reason, "at": reference}
    reading.unattended(reader).update(read_at=now)
    context["cases"] = list(closed_to(reader).order_by("-pk")[: lists.LISTED])
    return show(
        request,
        "workbench/confidential.html",
        "confidential",
        context,
        now=now,
        status=422 if "problem" in context else 200,
    )
