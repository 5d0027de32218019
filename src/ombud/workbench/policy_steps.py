"""Steps of a version on its way: begun, handed in, acknowledged, approved, published, taken back, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.organisation import drafting, publishing
from ombud.organisation.drafting import DraftingError
from ombud.organisation.models import Person, PolicyVersion, reader_language, words
from ombud.policy.plain_text import plain
from ombud.policy.problems import PackError
from ombud.policy.starter import QUESTIONS, AnswerError, Question, answered, starter_files
from ombud.workbench import again, versions
from ombud.workbench.page import desk, person, show


@desk
def new(request: HttpRequest) -> HttpResponse:
    """Begin a policy of its own from answers to a few questions."""
    now, reader = timezone.now(), person(request)
    if not versions.hand_of(reader).writes:
        raise PermissionDenied
    asked = _Asked(request)
    if request.method == "POST":
        try:
            answers = answered(asked.given("id"), asked.take, today=timezone.localdate(now))
            if not asked.errors:
                files = starter_files(answers, reader_language())
                row = drafting.begin(files, by=reader, now=now, origin="starter")
                return redirect("desk_policy_edit", policy=row.policy, version=row.version)
        except AnswerError as error:
            asked.errors["id"] = words(dict(error.text))
        except DraftingError as error:
            asked.errors["id"] = str(error)
    status = 422 if asked.errors else 200
    return show(request, "workbench/policy_new.html", "policies", asked.context(), now=now, status=status)


class _Asked:
    """The questions of the starter as a form; one wrong answer does not hide the others."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.errors: dict[str, str] = {}
        self.defaults: dict[str, str] = {}

    def given(self, key: str) -> str:
        return self.request.POST.get(key, "").strip()

    def take(self, question: Question, default: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(self.given(question.key) or default)
        except AnswerError as error:
            self.errors[question.key] = words(dict(error.text))
            return read(default)  # so that the questions after it can be read

    def context(self) -> dict[str, Any]:
        defaults: dict[str, str] = {}

        def usual(question: Question, default: str, read: Callable[[str], Any]) -> Any:
            defaults[question.key] = default
            return read(default)

        answered("my-policy", usual, today=timezone.localdate())
        is_sent = self.request.method == "POST"
        return {
            "id": self.given("id") if is_sent else "",
            "id_error": self.errors.get("id"),
            "questions": [
                {
                    "key": question.key,
                    "text": words(dict(question.text)),
                    "value": self.given(question.key) if is_sent else defaults[question.key],
                    "error": self.errors.get(question.key),
                }
                for question in QUESTIONS
            ],
        }


@require_POST
@desk
def draft(request: HttpRequest, policy: str, version: str) -> HttpResponse:
    """Begin a draft with the text of a version, under the number that usually comes next."""
    now, reader = timezone.now(), person(request)
    hand = versions.hand_of(reader)
    if not hand.writes:
        raise PermissionDenied
    row = versions.version_of(policy, version, hand)
    number = request.POST.get("number", "").strip() or drafting.next_number(row.version)
    sources = drafting.renumbered(row.sources, version=number, effective=publishing.today(now))
    try:
        begun = drafting.begin(sources, by=reader, now=now, origin=f"{row.policy} {row.version}")
    except (DraftingError, PackError) as error:
        messages.error(request, str(error))
        return redirect("desk_policy", policy=policy, version=version)
    return redirect("desk_policy_edit", policy=begun.policy, version=begun.version)


@require_POST
@desk
def step(request: HttpRequest, policy: str, version: str, name: str) -> HttpResponse:
    """Take one step with a version; what stands in its way is said on its page."""
    now, reader = timezone.now(), person(request)
    row = versions.version_of(policy, version, versions.hand_of(reader))
    if name not in STEPS:
        raise Http404
    if name == "publish" and (way := again.asked(request)) is not None:
        return way
    try:
        said = STEPS[name](request, row, reader, now)
    except (DraftingError, PackError) as error:
        messages.error(request, str(error))
        said = ""
    if said:
        messages.success(request, said)
    if name == "withdraw" and said:
        return redirect("desk_policies")
    return redirect("desk_policy", policy=policy, version=version)


def _submit(request: HttpRequest, row: PolicyVersion, reader: Person, now: datetime) -> str:
    report = drafting.submit(row.pk, by=reader, now=now)
    if report.errors:
        raise DraftingError(_("The checks found {n} errors: the version stays a draft.").format(n=report.errors))
    if report.warnings:
        return _("Checked. {n} warnings stand: answer them in the pack, or acknowledge them.").format(n=report.warnings)
    return _("Checked: a manager who wrote nothing of it can approve it now.")


def _acknowledge(request: HttpRequest, row: PolicyVersion, reader: Person, now: datetime) -> str:
    drafting.acknowledge(row.pk, because=_reason(request), by=reader, now=now)
    return _("Acknowledged. The reason is kept in the history.")


def _reopen(request: HttpRequest, row: PolicyVersion, reader: Person, now: datetime) -> str:
    drafting.reopen(row.pk, because=_reason(request), by=reader, now=now)
    return _("It is a draft again; it must be checked and approved anew.")


def _approve(request: HttpRequest, row: PolicyVersion, reader: Person, now: datetime) -> str:
    drafting.approve(row.pk, by=reader, now=now, note=_reason(request))
    return _("Approved. It can be published now.")


def _publish(request: HttpRequest, row: PolicyVersion, reader: Person, now: datetime) -> str:
    written = request.POST.get("effective", "")
    try:
        effective = date.fromisoformat(written)
    except ValueError:
        raise DraftingError(_("“{text}” is no date such as 2027-02-05.").format(text=written)) from None
    published = drafting.publish(row.pk, effective=effective, by=reader, now=now)
    return _("Published. Complaints received from {day} on fall under version {version}.").format(
        day=effective.isoformat(), version=published.version
    )


def _withdraw(request: HttpRequest, row: PolicyVersion, reader: Person, now: datetime) -> str:
    drafting.withdraw(row.pk, because=_reason(request), by=reader, now=now)
    return _("Withdrawn. What was done with it stays in its history.")


def _reason(request: HttpRequest) -> str:
    return plain(request.POST.get("reason", ""), lines=True)[:2000]


STEPS: dict[str, Callable[[HttpRequest, PolicyVersion, Person, datetime], str]] = {
    "submit": _submit,
    "acknowledge": _acknowledge,
    "reopen": _reopen,
    "approve": _approve,
    "publish": _publish,
    "withdraw": _withdraw,
}
