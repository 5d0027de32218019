"""Filing a complaint: short steps, each kept as soon as it is sent, then one look over all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.cases import attachments, idempotency
from ombud.cases.access.case_access import grant_of
from ombud.cases.errors import AttachmentRefused, Refused, Throttled
from ombud.cases.idempotency import Answer
from ombud.cases.models import Case
from ombud.channels import holding, intake_limits, partners, receipts
from ombud.channels.caller import address_of
from ombud.channels.holding import Sent, State
from ombud.correspondence.models import PartnerLink
from ombud.interface.act_form import ActForm, countries, fields_form, kept_files
from ombud.interface.browser_zone import browser_zone
from ombud.interface.fact_text import fact_text
from ombud.interface.fields import FilesField, StoredFile
from ombud.interface.languages import choices
from ombud.interface.lists import listed
from ombud.interface.waiting import duration
from ombud.policy.model.people import FormStep
from ombud.policy.outsiders import fields_of_others
from ombud.policy.vocabulary import COMPLAINANT, RECEIVE
from ombud.portal import agreeing
from ombud.portal import draft as drafts
from ombud.portal.draft import FilingDraft
from ombud.portal.files import store
from ombud.portal.language import LANGUAGE_ASKED, ZONE, in_language, letter_language, spoken_of
from ombud.portal.pages import RESERVED, FilingRoute, filing_route, moment, partner_route, private, remember
from ombud.portal.plausible import judge
from ombud.worktime.zones import known_zone


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
    others = RESERVED | fields_of_others(way.pack, COMPLAINANT)
    return tuple(replace(step, fields=tuple(name for name in step.fields if name not in others)) for step in steps)


def needed(way: FilingRoute) -> frozenset[str]:
    """Return the fields that filing cannot do without."""
    return frozenset(way.pack.main.acts[RECEIVE].needs) - RESERVED


@require_http_methods(["GET", "HEAD", "POST"])
@private
def begin(request: HttpRequest, policy: str) -> HttpResponse:
    """Begin a complaint; where one was begun in this browser, ask first, and show nothing of it.

    Whoever comes next may be somebody else. POST begins another, with `drop` in place of the one of that id, and
    with `leave` besides it throws that one away and begins none.
    """
    channel, office = request.GET.get("channel", ""), request.GET.get("office", "")
    now = moment()
    way = filing_route(policy, now=now, channel=channel, office=office)
    if request.method == "POST" and (unwanted := request.POST.get("drop")):
        drafts.drop(request, policy, unwanted)
        if "leave" in request.POST:
            return redirect("portal:policy", policy=policy)
    begun = [draft for draft in drafts.all_of(request, policy) if draft.is_begun]
    if begun and request.method != "POST":
        lines = [(draft, datetime.fromtimestamp(draft.begun, UTC), _next_step(draft)) for draft in begun]
        return render(request, "portal/begun.html", {"way": way, "begun": lines})
    draft = FilingDraft(policy=policy, channel=way.channel.id, office=office, begun=int(now.timestamp()))
    drafts.begin(request, draft)
    return redirect("portal:step", policy=policy, draft=draft.id, number=1)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def by_partner(request: HttpRequest, number: int, mark: str) -> HttpResponse:
    """Say through whom one complains, and begin a complaint; 410 where the link holds no longer."""
    link, now = partners.found(number, mark), moment()
    if link is None:
        raise Http404
    if not partners.is_valid(link, now=now):
        return render(request, "portal/partner.html", {"link": link}, status=410)
    way = partner_route(link, now=now)
    if request.method != "POST":
        return render(request, "portal/partner.html", {"link": link, "way": way})
    office = way.office.id if way.office else ""
    draft = FilingDraft(
        policy=link.policy, channel=way.channel.id, office=office, through=link.pk, begun=int(now.timestamp())
    )
    drafts.begin(request, draft)
    return redirect("portal:step", policy=link.policy, draft=draft.id, number=1)


def _next_step(draft: FilingDraft) -> int:
    """Return the first step that is not done, as far as the policy still has it."""
    steps = steps_of(_way_of(draft.policy, draft, moment()))
    return min(len(draft.done) + 1, len(steps))


def _way_of(policy: str, draft: FilingDraft | None, now: datetime) -> FilingRoute:
    if draft is None:
        return filing_route(policy, now=now)
    if draft.through:
        # One that was begun in time may be sent, whatever became of the link since.
        link = PartnerLink.objects.select_related("partner", "office").filter(pk=draft.through).first()
        if link is None:
            raise Http404
        return partner_route(link, now=now)
    return filing_route(policy, now=now, channel=draft.channel, office=draft.office)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def step(request: HttpRequest, policy: str, draft: str, number: int) -> HttpResponse:
    """Show one step of the form; what is sent is kept even where it is not in order."""
    kept = drafts.load(request, policy, draft)
    way = _way_of(policy, kept, moment())
    steps = steps_of(way)
    if not 1 <= number <= len(steps):
        raise Http404
    if kept is None and request.method == "POST" and drafts.is_id(draft):
        # The session ended while this step was being written: what it says begins the draft anew.
        kept = FilingDraft(policy=policy, channel=way.channel.id, begun=int(moment().timestamp()), id=draft)
    if kept is None:
        return redirect("portal:begin", policy=policy)
    if kept.held:
        return redirect("portal:held", policy=policy, draft=draft)
    if kept.sent:
        return _show_sent(request, way, kept)
    context = {
        "way": way,
        "draft": kept,
        "steps": steps,
        "number": number,
        "step": steps[number - 1],
        "keeps": "filing",
    }
    context |= {"is_change": "check" in (request.POST if request.method == "POST" else request.GET)}
    if request.method != "POST":
        return render(request, "portal/step.html", {**context, "form": _form(way, number, kept)})
    form, is_in_order = _take(request, way, kept, number)
    if language := spoken_of(request):
        return in_language(redirect(request.get_full_path()), language)
    if "back" in request.POST:
        number = max(1, number - 1)
    elif is_in_order and (number == len(steps) or context["is_change"]):
        return redirect("portal:check", policy=policy, draft=draft)
    elif is_in_order:
        number += 1
    else:
        return render(request, "portal/step.html", {**context, "form": form}, status=422)
    return redirect("portal:step", policy=policy, draft=draft, number=number)


def _form(way: FilingRoute, number: int, draft: FilingDraft) -> ActForm:
    """Return the step's form with what was typed; only a step that was sent to go on shows what is wrong."""
    each, required, typed = steps_of(way)[number - 1], needed(way), draft.as_data()
    if any(name in draft.typed for name in each.fields):
        form = fields_form(way.pack, each.fields, typed, required=required, one_of=each.one_of)
        judge(form, each) if number in draft.tried else form.ask_nothing()
        return form
    country = next((str(typed[name]) for name in countries(way.pack) if typed.get(name)), "")
    form = fields_form(way.pack, each.fields, required=required, country=country, one_of=each.one_of)
    _show_kept(form, draft)
    return form


def _take(request: HttpRequest, way: FilingRoute, draft: FilingDraft, number: int) -> tuple[ActForm, bool]:
    """Keep what was typed and uploaded in one step, and return whether the step is in order."""
    each = steps_of(way)[number - 1]
    names = each.fields
    form = fields_form(way.pack, names, request.POST, request.FILES, required=needed(way))
    refused: list[tuple[str, str]] = []
    keep = partial(store, request, owner=draft.owner)
    draft.take(tuple(name for name in names if not isinstance(form.fields[name], FilesField)), request.POST)
    for name in names:
        field = form.fields[name]
        if isinstance(field, FilesField):
            kept, wrong = kept_files(field, request.POST, request.FILES, name, store=keep)
            refused += [(name, why) for why in wrong]
            attachments.claim([file.id for file in kept], draft.owner)
            draft.keep(name, kept)
    form = fields_form(way.pack, names, draft.as_data(), required=needed(way), one_of=each.one_of)
    is_in_order = judge(form, each) and not refused
    for name, words in refused:
        form.add_error(name, words)
    if not {"back", LANGUAGE_ASKED} & set(request.POST):
        draft.tried = sorted({*draft.tried, number})
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
def check(request: HttpRequest, policy: str, draft: str) -> HttpResponse:
    """Show all that was typed, with a way back to each step."""
    kept = drafts.load(request, policy, draft)
    way = _way_of(policy, kept, moment())
    if kept is None:
        return redirect("portal:begin", policy=policy)
    if kept.held:
        return redirect("portal:held", policy=policy, draft=draft)
    if kept.sent:
        return _show_sent(request, way, kept)
    return _show_check(request, way, kept, ())


def _show_sent(request: HttpRequest, way: FilingRoute, draft: FilingDraft) -> HttpResponse:
    """Show on every page of a draft that was sent where it went; what is typed into an old page changes nothing."""
    is_late = request.method == "POST"
    context = {"way": way, "reference": draft.sent, "is_late": is_late}
    return render(request, "portal/sent.html", context, status=409 if is_late else 200)


def _whole(way: FilingRoute, draft: FilingDraft) -> ActForm:
    """Return all steps as one form that has been judged."""
    steps = steps_of(way)
    names = [name for each in steps for name in each.fields]
    form = fields_form(way.pack, names, draft.as_data(), required=needed(way))
    judge(form, *steps)
    return form


def _show_check(
    request: HttpRequest, way: FilingRoute, draft: FilingDraft, problems: tuple[str, ...], *, status: int = 422
) -> HttpResponse:
    form = _whole(way, draft)
    parts = []
    for number, each in enumerate(steps_of(way), 1):
        facts = tuple((way.pack.fields[name].title, _words(way, form, name)) for name in each.fields)
        left_out = tuple(title for title, words in facts if not words)
        parts.append(Part(number, each.title, facts, left_out, any(name in form.errors for name in each.fields)))
    context = {
        "way": way,
        "draft": draft,
        "steps": steps_of(way),
        "number": len(parts) + 1,
        "parts": parts,
        "problems": problems,
        "languages": choices(way.pack),
        "language": letter_language(request, way.pack),
        "zone": known_zone(request.POST.get(ZONE)) or browser_zone(request),
        "notice": agreeing.current(),
        "agreed": request.POST.get(agreeing.AGREED, ""),
    }
    return render(request, "portal/check.html", context, status=status if problems else 200)


def _words(way: FilingRoute, form: ActForm, name: str) -> str:
    value, field = form.cleaned_data.get(name), form.fields[name]
    if value in (None, "", []):
        return ""
    if isinstance(field, FilesField):
        return listed(file.name for file in value)
    return fact_text(way.pack.fields[name], field.as_json(value))  # type: ignore[attr-defined]  # a PackField


@require_POST
@private
def send(request: HttpRequest, policy: str, draft: str) -> HttpResponse:
    """File the complaint; sending twice files once."""
    now = moment()
    kept = drafts.load(request, policy, draft)
    way = _way_of(policy, kept, now)
    if kept is None:
        return redirect("portal:begin", policy=policy)
    if kept.held:
        return redirect("portal:held", policy=policy, draft=draft)
    if not kept.sent:
        if request.POST.get("digest") != kept.digest:
            changed = _("This was changed in another window. Read it again, then send it.")
            return _show_check(request, way, kept, (changed,), status=409)
        if wrong := agreeing.not_agreed(request):
            return _show_check(request, way, kept, (str(wrong),))
        form = _whole(way, kept)
        if not form.is_valid():
            missing = _("Something is still missing. Go back to the step marked below.")
            return _show_check(request, way, kept, (missing,))
        sent = _as_sent(request, way, kept, form)
        try:
            intake_limits.count_complaint(address_of(request), now=now)
            filed = holding.file(sent, key=kept.key, at=now, now=now)
        except Throttled as error:
            return _hold(request, way, kept, sent, error.wait)
        except Refused as error:
            form.refuse(error.refusals)
            problems = tuple(str(words) for errors in form.errors.values() for words in errors)
            return _show_check(request, way, kept, problems)
        except AttachmentRefused:
            words = _("A file that you added is no longer kept. Add it again, please.")
            return _show_check(request, way, kept, (words,))
        kept.finish(filed["reference"])
        drafts.save(request, kept)
        return _to_receipt(request, kept, filed)
    response = redirect("portal:receipt", reference=kept.sent)
    remember(response, grant_of(Case.objects.get(reference=kept.sent)))
    return response


def _as_sent(request: HttpRequest, way: FilingRoute, draft: FilingDraft, form: ActForm) -> Sent:
    return Sent(
        policy=way.pack.id,
        channel=way.channel.id,
        language=letter_language(request, way.pack),
        time_zone=request.POST.get(ZONE, ""),
        data={**form.act_data(), **(partners.said_of(way.through, way.pack) if way.through else {})},
        office=way.office.id if way.office else None,
        owner=draft.owner,
        through=draft.through,
        agreed=request.POST.get(agreeing.AGREED, ""),
        read_in=get_language() or "",
    )


def _hold(request: HttpRequest, way: FilingRoute, draft: FilingDraft, sent: Sent, wait: timedelta) -> HttpResponse:
    """Keep what is beyond the limits until there is room; where there is no room for that either, in its draft."""
    if holding.hold(sent, key=draft.key, address=address_of(request), now=moment()):
        draft.held = True
        drafts.save(request, draft)
        return redirect("portal:held", policy=draft.policy, draft=draft.id)
    words = _(
        "Many complaints came from your connection in a short time. Yours is kept in this browser: send it in {time}."
    ).format(time=duration(wait))
    return _show_check(request, way, draft, (words,), status=429)


@require_safe
@private
def held(request: HttpRequest, policy: str, draft: str) -> HttpResponse:
    """Say of a complaint that waits until there is room that it has arrived; show the receipt once it was taken in."""
    now = moment()
    kept = drafts.load(request, policy, draft)
    if kept is None or not kept.held:
        return redirect("portal:begin", policy=policy)
    row = holding.held(kept.key)
    if row is not None and row.state in (State.WAITS, State.ASIDE):
        context = {"way": _way_of(policy, kept, now), "row": row, "is_aside": row.state == State.ASIDE}
        return render(request, "portal/held.html", context)
    kept.held = False
    if row is None or row.state == State.REFUSED:
        # The policy says no: what was typed is still there, to be mended and sent again.
        if row is not None:
            holding.give_back(row)
        drafts.save(request, kept)
        return redirect("portal:check", policy=policy, draft=draft)
    answer = idempotency.given(caller=f"portal:{kept.key}", key=kept.key, body=kept.key.encode(), now=now)
    kept.finish(row.reference)
    drafts.save(request, kept)
    if answer is None:
        return redirect("portal:status", reference=row.reference)
    return _to_receipt(request, kept, answer)


def _to_receipt(request: HttpRequest, draft: FilingDraft, answer: Answer) -> HttpResponse:
    receipts.keep(request, answer["reference"], answer["secret"])
    response = redirect("portal:receipt", reference=draft.sent)
    remember(response, grant_of(Case.objects.get(reference=draft.sent)))
    return response
