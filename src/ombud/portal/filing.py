"""Filing a complaint: short steps, each kept as soon as it is sent, then one look over all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.cases import attachments, idempotency
from ombud.cases.access.case_access import grant_of
from ombud.cases.errors import AttachmentRefused, Refused
from ombud.cases.idempotency import Keep
from ombud.cases.models import Case
from ombud.channels import intake
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.interface.act_form import ActForm, countries, fields_form
from ombud.interface.fact_text import fact_text
from ombud.interface.fields import FilesField, StoredFile
from ombud.interface.upload_text import upload_text
from ombud.organisation.models import reader_language
from ombud.policy.model import FormStep
from ombud.policy.vocabulary import RECEIVE
from ombud.portal import draft as drafts
from ombud.portal.draft import FilingDraft
from ombud.portal.files import is_allowed, too_many_words
from ombud.portal.pages import RESERVED, FilingRoute, filing_route, moment, private, remember


@dataclass(frozen=True, slots=True)
class Part:
    """One step on the page that shows them all."""

    number: int
    title: object  # Text
    facts: tuple[tuple[object, str], ...]  # title, words
    left_out: tuple[object, ...]  # titles of what was not stated
    has_errors: bool


def steps_of(way: FilingRoute) -> tuple[FormStep, ...]:
    """Return the form's steps; without a form all that `receive` takes is one step."""
    act = way.pack.main.acts[RECEIVE]
    steps = way.channel.form or (FormStep(title=act.title, fields=(*act.needs, *act.may)),)
    return tuple(replace(step, fields=tuple(name for name in step.fields if name not in RESERVED)) for step in steps)


def needed(way: FilingRoute) -> frozenset[str]:
    """Return the fields that filing cannot do without."""
    return frozenset(way.pack.main.acts[RECEIVE].needs) - RESERVED


@require_http_methods(["GET", "HEAD", "POST"])
@private
def begin(request: HttpRequest, policy: str) -> HttpResponse:
    """Begin, or go on where this browser left off; POST begins anew."""
    channel, office = request.GET.get("channel", ""), request.GET.get("office", "")
    way = filing_route(policy, now=moment(), channel=channel, office=office)
    draft = drafts.load(request, policy)
    if draft is None or draft.sent or request.method == "POST" or not _is_through(draft, channel, office):
        drafts.save(request, FilingDraft(policy=policy, channel=way.channel.id, office=office))
        return redirect("portal:step", policy=policy, number=1)
    return redirect("portal:step", policy=policy, number=min(len(draft.done) + 1, len(steps_of(way))))


def _is_through(draft: FilingDraft, channel: str, office: str) -> bool:
    """Return whether the draft came in where this link leads; a link that names nothing goes on with any draft."""
    return channel in ("", draft.channel) and office in ("", draft.office)


def _way_of(policy: str, draft: FilingDraft | None, now: datetime) -> FilingRoute:
    if draft is None:
        return filing_route(policy, now=now)
    return filing_route(policy, now=now, channel=draft.channel, office=draft.office)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def step(request: HttpRequest, policy: str, number: int) -> HttpResponse:
    """Show one step of the form; what is sent is kept even where it is not in order."""
    draft = drafts.load(request, policy)
    way = _way_of(policy, draft, moment())
    steps = steps_of(way)
    if not 1 <= number <= len(steps):
        raise Http404
    if draft is None or draft.sent:
        return redirect("portal:begin", policy=policy)
    if request.method == "POST":
        form, is_in_order = _take(request, way, draft, number)
        if "back" in request.POST:
            return redirect("portal:step", policy=policy, number=max(1, number - 1))
        if is_in_order:
            after = "portal:check" if number == len(steps) or "check" in request.POST else "portal:step"
            return redirect(reverse(after, args=[policy] if after == "portal:check" else [policy, number + 1]))
    else:
        form = _form(way, number, draft)
    context = {"way": way, "form": form, "steps": steps, "number": number, "step": steps[number - 1]}
    is_first_look = request.method != "POST"
    return render(request, "portal/step.html", context, status=200 if is_first_look else 422)


def _form(way: FilingRoute, number: int, draft: FilingDraft) -> ActForm:
    """Return the step's form with what was typed; only a step that was sent before shows what is wrong."""
    names, required = steps_of(way)[number - 1].fields, needed(way)
    if any(name in draft.typed for name in names):
        form = fields_form(way.pack, names, draft.as_data(), required=required)
        form.is_valid()
        return form
    typed = draft.as_data()
    country = next((str(typed[name]) for name in countries(way.pack) if typed.get(name)), "")
    form = fields_form(way.pack, names, required=required, country=country)
    _show_kept(form, draft)
    return form


def _take(request: HttpRequest, way: FilingRoute, draft: FilingDraft, number: int) -> tuple[ActForm, bool]:
    """Keep what was typed and uploaded in one step, and return whether the step is in order."""
    names = steps_of(way)[number - 1].fields
    form = fields_form(way.pack, names, request.POST, request.FILES, required=needed(way))
    refused: list[tuple[str, str]] = []
    draft.take(tuple(name for name in names if not isinstance(form.fields[name], FilesField)), request.POST)
    for name in names:
        field = form.fields[name]
        if isinstance(field, FilesField):
            kept: list[StoredFile] = []
            for file in field.input.value_from_datadict(request.POST, request.FILES, name):
                if isinstance(file, StoredFile):
                    kept.append(file)
                    continue
                if not is_allowed(request, now=moment()):
                    refused.append((name, too_many_words()))
                    break
                try:
                    row = attachments.store(file, name=file.name or "", uploaded_by=draft.owner, now=moment())
                except AttachmentRefused as error:
                    refused.append((name, upload_text(error, file.name or "")))
                else:
                    kept.append(StoredFile(str(row.id), file.name or ""))
            attachments.claim([file.id for file in kept], draft.owner)
            draft.keep(name, kept)
    form = fields_form(way.pack, names, draft.as_data(), required=needed(way))
    is_in_order = form.is_valid() and not refused
    for name, words in refused:
        form.add_error(name, words)
    draft.done = sorted({*draft.done, number} if is_in_order else {*draft.done} - {number})
    drafts.save(request, draft)
    return form, is_in_order


def _show_kept(form: ActForm, draft: FilingDraft) -> None:
    for name, files in draft.files.items():
        field = form.fields.get(name)
        if isinstance(field, FilesField):
            field.input.stored = [StoredFile(*file) for file in files]


@require_safe
@private
def check(request: HttpRequest, policy: str) -> HttpResponse:
    """Show all that was typed, with a way back to each step."""
    draft = drafts.load(request, policy)
    way = _way_of(policy, draft, moment())
    if draft is None or draft.sent:
        return redirect("portal:begin", policy=policy)
    return _show_check(request, way, draft, ())


def _whole(way: FilingRoute, draft: FilingDraft) -> ActForm:
    names = [name for each in steps_of(way) for name in each.fields]
    return fields_form(way.pack, names, draft.as_data(), required=needed(way))


def _show_check(request: HttpRequest, way: FilingRoute, draft: FilingDraft, problems: tuple[str, ...]) -> HttpResponse:
    form = _whole(way, draft)
    form.is_valid()
    parts = []
    for number, each in enumerate(steps_of(way), 1):
        facts = tuple((way.pack.fields[name].title, _words(way, form, name)) for name in each.fields)
        left_out = tuple(title for title, words in facts if not words)
        parts.append(Part(number, each.title, facts, left_out, any(name in form.errors for name in each.fields)))
    context = {"way": way, "steps": steps_of(way), "number": len(parts) + 1, "parts": parts, "problems": problems}
    return render(request, "portal/check.html", context, status=422 if problems else 200)


def _words(way: FilingRoute, form: ActForm, name: str) -> str:
    value, field = form.cleaned_data.get(name), form.fields[name]
    if value in (None, "", []):
        return ""
    if isinstance(field, FilesField):
        return ", ".join(file.name for file in value)
    return fact_text(way.pack.fields[name], field.as_json(value))  # type: ignore[attr-defined]  # a PackField


@require_POST
@private
def send(request: HttpRequest, policy: str) -> HttpResponse:
    """File the complaint; sending twice files once."""
    now = moment()
    draft = drafts.load(request, policy)
    way = _way_of(policy, draft, now)
    if draft is None:
        return redirect("portal:begin", policy=policy)
    if not draft.sent:
        form = _whole(way, draft)
        if not form.is_valid():
            missing = _("Something is still missing. Go back to the step marked below.")
            return _show_check(request, way, draft, (missing,))
        try:
            draft.sent = _file(way, draft, form)
        except Refused as error:
            form.refuse(error.refusals)
            problems = tuple(str(words) for errors in form.errors.values() for words in errors)
            return _show_check(request, way, draft, problems)
        except AttachmentRefused:
            words = _("A file that you added is no longer kept. Add it again, please.")
            return _show_check(request, way, draft, (words,))
        # What was typed is in the register now; the session keeps only what the receipt shows.
        draft.typed, draft.files = {}, {}
        drafts.save(request, draft)
    response = redirect("portal:receipt", reference=draft.sent["reference"])
    remember(response, grant_of(Case.objects.get(reference=draft.sent["reference"])))
    return response


def _file(way: FilingRoute, draft: FilingDraft, form: ActForm) -> dict[str, str]:
    now = moment()

    def work(keep: Keep) -> None:
        intake.receive(
            way.pack.id,
            channel=way.channel.id,
            language=reader_language(),
            data=form.act_data(),
            actor=replace(COMPLAINANT_ACTOR, office=way.office.id if way.office else None),
            at=now,
            now=now,
            owner=draft.owner,
            along=lambda received: keep({"reference": received.case.reference, "secret": received.secret}),
        )

    # One draft is one complaint: a second click, or a page sent again after a lost answer, gets the first receipt.
    caller, body = f"portal:{draft.key}", draft.key.encode()
    answer, _is_repeated = idempotency.once(caller=caller, key=draft.key, body=body, now=now, work=work)
    return answer
