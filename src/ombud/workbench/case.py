"""The case page: what it is about, what happened, what is owed, what can be done next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from ombud.cases import confidential
from ombud.cases.access import case_access
from ombud.cases.access.case_access import Accessed, access_case
from ombud.cases.keeping import erasure_requests, holds, persons
from ombud.cases.models import Case, Duty
from ombud.cases.reading import queries
from ombud.cases.reading.queries import DutyLine, Shown, TimelineEntry
from ombud.channels import partners
from ombud.channels.orders import taking_in
from ombud.engine.addresses import address_of
from ombud.engine.model import AvailableAct
from ombud.insight.model_cases import choosing
from ombud.interface.progress import progress_steps
from ombud.notices import reading
from ombud.organisation.shift_plan import on_now
from ombud.policy.event_names import APPROVE, RECALENDAR, REJECT, VERDICTS, EventName
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.tables import Table
from ombud.policy.model.values import FieldType
from ombud.policy.outsiders import address_act, addressed
from ombud.policy.vocabulary import CHANNEL, DEPARTMENT, EMAIL, HANDLER, LANGUAGE, RECEIVE, SUBJECT, SYSTEM
from ombud.privacy import log
from ombud.privacy.masking import BLANK
from ombud.workbench import (
    actpanel,
    case_file,
    conversation,
    letter_drafts,
    letters_to,
    opinion,
    packs,
    papers,
    related,
    reports,
    stated_cause,
)
from ombud.workbench.page import desk, person, show
from ombud.workbench.verdicts import verdict_icon

LATE_ENTRY = timedelta(minutes=2)  # recorded so much after it occurred is worth saying
WIDE = 60  # characters from which a fact takes the whole width
HEADER = {SUBJECT, CHANNEL, LANGUAGE, DEPARTMENT, HANDLER}  # facts that the page's head shows already
ICONS = {
    "receive": "inbox", "register": "clipboard-pen", "acknowledge": "message-circle", "route": "send", "take": "hand",
    "accept_work": "handshake", "investigate": "search", "verify": "scan-search", "propose": "lightbulb",
    "communicate": "phone-outgoing", "answer": "reply", "carry_out": "wrench", "follow_up": "phone-call",
    "inform": "megaphone", "report_up": "arrow-up-right", "regrade": "scale", "note": "sticky-note",
    "attach": "paperclip", "correct": "pencil", "withdraw": "undo-2", "close": "archive", "archive": "archive",
    "request_facts": "circle-question-mark", "supply_facts": "file-plus", "rung": "alarm-clock", "open": "timer",
    "migrate": "scroll-text", "recalendar": "calendar-sync", "reissue": "key-round", "letters_to": "mail",
    "show_file": "eye", "clock_repair": "alarm-clock-check",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One event with what the timeline draws around it."""

    entry: TimelineEntry
    facts: tuple[Shown, ...]  # why it was entered late first; without the bookkeeping that an event may carry
    icon: str
    tone: str
    is_machine: bool
    is_late_entry: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact with how much room it takes."""

    shown: Shown
    is_wide: bool


@require_GET
@desk
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a case."""
    now = timezone.now()
    reader = person(request)
    accessed = access_case(reader, reference)
    reading.mark_read(reader, now=now, case=accessed.case)  # whoever looks at the case has been told
    panel = actpanel.panel(accessed, request.GET.get("act", ""), now=now)
    if request.headers.get("HX-Request") and (before := request.GET.get("said")):
        earlier = conversation.of(accessed, before=before, now=now)
        return show(request, "workbench/_conversation.html", "register", {**panel, **earlier}, now=now)
    if request.headers.get("HX-Target") == "act":
        return show(request, "workbench/_acts.html", "register", panel, now=now)
    return page(request, accessed, panel, now=now)


@require_http_methods(["GET", "POST"])
@desk
def unmask(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a case with its personal data, for a reason that is logged; its address alone leads to the case."""
    if request.method == "GET":
        return redirect("desk_case", reference)
    now = timezone.now()
    reader, reason = person(request), request.POST.get("reason", "").strip()
    more: dict[str, Any] = {"was_unmasked": True}
    try:
        accessed = case_access.unmask(reader, reference, reason=reason, now=now)
    except (log.ReasonMissing, log.AllowanceUsed) as error:
        accessed, more = access_case(reader, reference), {"not_unmasked": unmask_words(error), "reason": reason}
    status = 422 if "not_unmasked" in more else 200
    return page(request, accessed, actpanel.panel(accessed, "", now=now), now=now, status=status, more=more)


def unmask_words(error: Exception) -> str:
    """Return why personal data is not shown, and what to do."""
    if isinstance(error, log.AllowanceUsed):
        words = _(
            "You have looked into {number} cases within 24 hours; no more are allowed. Ask the complaint manager."
        )
        return words.format(number=settings.OMBUD_UNMASK_A_DAY)
    return _("Say why you must see it: a few words that others will understand.")


@require_GET
@desk
def why(request: HttpRequest, reference: str, duty: str, instance: int) -> HttpResponse:
    """Explain a due time, line by line."""
    accessed = access_case(person(request), reference)
    try:
        lines = queries.explain(accessed, duty, instance)
    except LookupError as error:
        raise Http404 from error
    context = {"case": accessed.case, "lines": lines}
    template = "workbench/_why.html" if request.headers.get("HX-Request") else "workbench/why.html"
    return show(request, template, "register", context, now=timezone.now())


def page(
    request: HttpRequest,
    accessed: Accessed,
    panel: Mapping[str, Any],
    *,
    now: datetime,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Render the whole case page around an act panel."""
    context = {**around(accessed, panel, request.GET.get("said"), now=now), **(more or {})}
    return show(request, "workbench/case.html", "register", context, now=now, status=status)


def around(accessed: Accessed, panel: Mapping[str, Any], said: str | None, *, now: datetime) -> dict[str, Any]:
    """Return an act panel with all that the case page shows around it; of the conversation what was said before."""
    case, pack = accessed.case, packs.pack_of(accessed.case)
    phases = pack.procedures[case.procedure].phases
    lines, told = queries.duties(accessed, now=now), queries.timeline(accessed)
    facts = {each.field: each for each in queries.facts(accessed)}
    names = {str(row.pk): name or BLANK for row, name in queries.attachments(accessed)}
    tables = graded(pack, case, facts)
    return {
        **panel,
        "subject": packs.name_of(case, pack, facts[SUBJECT].value if SUBJECT in facts else ""),
        "is_matter": case.procedure != MAIN,
        "channel": pack.channels[case.channel].title if case.channel in pack.channels else case.channel,
        "phase": phases[case.phase].title,
        "steps": progress_steps(
            pack.procedures[case.procedure], (phase for phase, _since in accessed.state.stays), phases[case.phase]
        ),
        "pills": packs.pills(pack, {table.id: case.grades[table.id] for table in tables}),
        "grades": [(t.title, t.of.get(case.grades[t.id], case.grades[t.id])) for t in tables],
        **split(accessed, pack, [each for key, each in facts.items() if key not in HEADER | stated_cause.fields(pack)]),
        "stated": stated_cause.of(pack, facts),
        "addressing": _without_address(accessed, pack) & {each.act for each in _doable(panel)},
        "entered": entry(pack, told[0], names),
        "timeline": [entry(pack, each, names) for each in reversed(told) if each.moves or each.act != RECALENDAR],
        **duty_lines(lines, told),
        **related.of(accessed, now=now),
        "on_shift": on_now(case.policy, case.office_id, case.channel, now=now) if case.is_open else [],
        "work_order": taking_in.order_of(accessed.case),
        "partner": partners.partner_of(accessed.case, pack),
        **papers.of(accessed),
        **conversation.of(accessed, before=said, now=now),
        **letter_drafts.of(accessed),
        **reports.of(accessed, {each.act for each in _doable(panel)}),
        **case_file.of(accessed, now=now),
        **letters_to.of(accessed),
        "mentions": opinion.of(case),
        "may_tell": choosing.may_propose(accessed),
        "is_held": holds.in_force(now=now).filter(case=case).exists(),
        "may_find_person": persons.may_find(accessed),
        "is_confidential": bool(accessed.state.confidants),
        "may_confide": confidential.may_confide(accessed),
        "may_ask_erasure": erasure_requests.may_ask(case, accessed.permissions),
    }


def _without_address(accessed: Accessed, pack: Pack) -> set[str]:
    """Return the acts by which roles outside are given an address, of those whose letters have none."""
    return {address_act(role) for role in addressed(pack) if EMAIL not in address_of(accessed.state, role)}


def _doable(panel: Mapping[str, Any]) -> tuple[AvailableAct, ...]:
    return (*panel["main_acts"], *panel["other_acts"])


def graded(pack: Pack, case: Case, facts: Collection[str]) -> list[Table]:
    """Return the tables that say something of the case: one that reads nothing of a matter says nothing of it."""
    known, found = set(facts), []
    for table in pack.tables.values():
        if table.id in case.grades and (case.procedure == MAIN or not known.isdisjoint(table.inputs)):
            found.append(table)
            known.add(table.id)
    return found


def split(accessed: Accessed, pack: Pack, facts: Sequence[Shown]) -> dict[str, list[Fact]]:
    """Return the facts as what was complained about, what became of it, and where somebody outside is written to.

    Of another matter all but the last are one.
    """
    receive, procedure = pack.main.acts[RECEIVE], accessed.case.procedure
    record = {*receive.needs, *receive.may} if procedure == MAIN else {each.field for each in facts}
    books = addressed(pack)
    outside = {field for fields in books.values() for field in fields.values()}
    holding = {books[role][part] for role in books for part in address_of(accessed.state, role)}
    drawn = [Fact(each, is_wide(pack, each)) for each in facts if not is_files(pack, each)]  # the papers show those
    return {
        "record_facts": [each for each in drawn if each.shown.field in record - outside],
        "handling_facts": [each for each in drawn if each.shown.field not in record | outside],
        "outside_facts": [each for each in drawn if each.shown.field in holding],
    }


def is_files(pack: Pack, fact: Shown) -> bool:
    """Return whether a fact is a list of attachments."""
    field = pack.fields.get(fact.field)
    return field is not None and field.type is FieldType.FILES


def is_wide(pack: Pack, fact: Shown) -> bool:
    """Return whether a fact deserves the whole width."""
    field = pack.fields.get(fact.field)
    return (field is not None and field.type is FieldType.LONG_TEXT) or len(str(fact.value)) > WIDE


def entry(pack: Pack, each: TimelineEntry, names: Mapping[str, str]) -> Entry:
    """Return an event with its icon and tone."""
    verdict = EventName.of(each.act).tail
    icon = verdict_icon(each.act) or ICONS.get(each.act, "circle-dot")
    tone = {APPROVE: "good", REJECT: "bad"}.get(verdict, "")
    if each.act == "rung":
        tone = "bad" if each.breached else "warn"
    is_machine = each.actor_key == SYSTEM  # a person may move a case to another version
    if not tone and not is_machine:
        tone = "accent"
    facts = tuple(
        replace(fact, value=[_named(file, names) for file in fact.value or ()]) if is_files(pack, fact) else fact
        for fact in each.facts
        if fact.field in pack.fields
    )
    if each.late_reason is not None:
        facts = (each.late_reason, *facts)
    return Entry(each, facts, icon, tone, is_machine, each.recorded_at - each.occurred_at > LATE_ENTRY)


def _named(file: Any, names: Mapping[str, str]) -> dict[str, str]:
    key = str(file["id"] if isinstance(file, Mapping) else file)
    return {"id": key, "name": names.get(key, key)}


def duty_lines(lines: Sequence[DutyLine], told: Sequence[TimelineEntry]) -> dict[str, Any]:
    """Return the duties as running, settled, and stages of approval with the verdict and who gave it."""
    lines = [replace(line, entered_at=_entered(line, told)) for line in lines]
    running = [line for line in lines if line.duty.status in ("open", "paused")]
    stages = sorted(
        (line for line in lines if EventName.of(line.duty.duty).stage), key=lambda line: line.duty.opened_seq
    )
    verdicts = {_chain_at(each.act, each.occurred_at): each for each in told if EventName.of(each.act).tail in VERDICTS}
    return {
        "running": running,
        "settled": [line for line in lines if line not in running],
        "approvals": [(line, verdicts.get(_chain_at(line.duty.duty, line.duty.done_at))) for line in stages],
    }


def _entered(line: DutyLine, told: Sequence[TimelineEntry]) -> datetime | None:
    """Return when it was written down that a duty was done, where its time had passed by then."""
    duty = line.duty
    if duty.status != Duty.Status.MET or duty.due_at is None:
        return None
    acts = {EventName.of(name).head for name in duty.do}
    done = [each for each in told if each.occurred_at == duty.done_at and EventName.of(each.act).head in acts]
    return next((each.recorded_at for each in done if each.recorded_at > duty.due_at), None)


def _chain_at(name: str, at: datetime | None) -> tuple[str, datetime | None]:
    return EventName.of(name).head, at
