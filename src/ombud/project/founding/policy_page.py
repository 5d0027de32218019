"""The first policy: one that comes with the program or one handed in, checked and put in force by the founder alone.

A second person cannot approve what is published before there is one. So this way is open only until complaints come in;
afterwards versions go through the workbench, where one writes and another approves.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ombud.cases.models import Case
from ombud.checks import apart
from ombud.checks.findings import Severity
from ombud.organisation import publishing
from ombud.organisation.models import Person, words
from ombud.organisation.publishing import DraftInTheWay, PublishingError, VersionTaken
from ombud.policy import PackError, load, load_sources, shipped
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.project.founding.page import need_administrator
from ombud.project.founding.uploaded import PackField
from ombud.texts import Text
from ombud.workbench import again, packs
from ombud.workbench.page import desk, person, show

BECAUSE = "founding"  # the reason that stands with a version which one person alone put in force
PROBLEMS = {
    VersionTaken: gettext_lazy("Another text was published under this version. Give yours a new number."),
    DraftInTheWay: gettext_lazy("A draft of this version is being worked on under Policies."),
}


class PolicyForm(forms.Form):
    """Which policy."""

    shipped = forms.ChoiceField(
        label=gettext_lazy("A policy that comes with the program"), required=False, widget=forms.RadioSelect
    )
    own = PackField(
        label=gettext_lazy("Or your own"), required=False,
        help_text=gettext_lazy("Its file pack.yaml, or a ZIP of its folder, 5 MB at most."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.zip"}),
    )  # fmt: skip

    def __init__(self, data: Any, files: Any) -> None:
        super().__init__(data, files)
        choices = [(key, f"{words(dict(title))} \u00b7 {words(dict(about))}") for key, title, about in coming_along()]
        self.fields["shipped"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Want one of the two."""
        given = super().clean() or {}
        if not self.errors and bool(given.get("shipped")) == bool(given.get("own")):
            raise forms.ValidationError(_("Choose a policy, or hand in your own."))
        return given


@lru_cache(maxsize=1)
def coming_along() -> list[tuple[str, Text, Text]]:
    """Return (id, title, for whom) of the policies that come with the program; they change with it alone."""
    return [(pack.id, pack.title, pack.about) for pack in map(load, shipped())]


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def policy(request: HttpRequest) -> HttpResponse:
    """Offer the policies, and put the chosen one in force."""
    need_administrator(request)
    reader, now = person(request), timezone.now()
    # What the clock opened, such as a periodic duty a minute after its policy was published, is nobody's complaint.
    is_open = not Case.objects.filter(procedure=MAIN).exists()
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = PolicyForm(data, files)
    if request.method == "POST" and is_open and form.is_valid():
        problems = _put_in_force(form, reader, now)
        if not problems:
            messages.success(request, _("Checked and published. Its calendars are frozen with it."))
            return redirect("desk_founding")
        for problem in problems:
            form.add_error(None, problem)
    context = {"form": form, "is_open": is_open, "in_force": packs.in_force(now=now)}
    status = 409 if request.method == "POST" and not is_open else 422 if form.errors else 200
    return show(request, "founding/policy.html", "founding", context, now=now, status=status)


def _put_in_force(form: PolicyForm, reader: Person, now: datetime) -> list[str]:
    """Check the policy and publish it; return what stands in the way."""
    chosen = form.cleaned_data["shipped"]
    sources = dict(load(chosen).sources) if chosen else form.cleaned_data["own"]
    try:
        checked = apart.check_whole(sources, policy=chosen, owner=reader.key)
    except apart.Failed:
        return [_("The checks failed on this text. That is a fault of Ombud; its log says where.")]
    if checked.is_ended:
        return [_("This takes too long to check. Say it more simply, then hand it in again.")]
    try:
        pack: Pack = load_sources(sources)
    except PackError as error:
        return str(error).splitlines()[:20]
    if checked.report.errors:
        return [_("The checks found {n} errors.").format(n=checked.report.errors), *_told(checked)]
    try:
        publishing.publish(pack, by=reader, because=BECAUSE, now=now)
    except PublishingError as error:
        return [str(PROBLEMS[type(error)])]
    return []


def _told(checked: apart.Checked) -> list[str]:
    errors = [each for each in checked.report.findings if each.severity is Severity.ERROR and each.explained is None]
    return [words(dict(each.message)) for each in errors[:20]]
