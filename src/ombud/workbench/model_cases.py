"""The library of model cases: the list with its search, one case with what is decided on it, and both as PDF."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ombud.cases.access.permissions import Permissions, permissions_of
from ombud.cases.reading.paging import NotOurs
from ombud.insight import keys
from ombud.insight.model_cases import choosing, reading
from ombud.insight.model_cases.choosing import ModelCaseError
from ombud.insight.model_cases.models import ModelCase
from ombud.interface.downloads import made
from ombud.organisation.models import words
from ombud.organisation.sender import sender
from ombud.papers.errors import PaperError
from ombud.papers.report import Part, ReportPaper, report_pdf
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import storable
from ombud.workbench.figures import known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.papers import why_not
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField, asked

log = logging.getLogger(__name__)
Kind, Status = ModelCase.Kind, ModelCase.Status
TONES = {Kind.GOOD: ("good", "thumbs-up"), Kind.BAD: ("bad", "thumbs-down")}
PROBLEMS = {
    "open": gettext_lazy("Only a complaint that is over can be a model case."),
    "twice": gettext_lazy("This case is in the library or waits for approval already."),
    "empty": gettext_lazy("Say in each field what others can learn from."),
    "own": gettext_lazy("Nobody approves what they wrote. Ask a colleague."),
    "reason": gettext_lazy("Say why, so that whoever wrote it understands."),
    "decided": gettext_lazy("It was decided on, or changed, meanwhile. Look at it again."),
    "names": gettext_lazy(
        "It still names somebody: names, numbers and addresses are struck out below. Look whether it can be understood,"
        " then save it again."
    ),
}
PDF = "application/pdf"


def _reader(request: HttpRequest, now: datetime) -> tuple[Permissions, dict[str, Pack], tuple[str, ...]]:
    """Return what the reader may see: their standing, the packs, and the policies whose library is theirs."""
    standing, known = reader_state_of(request, person(request), now=now).permissions, known_packs(request)
    return standing, known, reading.policies_of(standing, known)


@require_GET
@desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """Show the library, or hand out what is shown of it as PDF."""
    now = timezone.now()
    standing, known, mine = _reader(request, now)
    query = asked(request)
    policy, kind, cause = (query.get(name, "") for name in ("policy", "kind", "cause"))
    chosen = query.get("status", Status.PUBLISHED)
    decides = any(choosing.may_choose(standing, each) for each in mine)
    if (policy and policy not in mine) or (kind and kind not in Kind.values) or chosen not in Status.values:
        raise NotOurs(policy or kind)
    if cause and (not policy or cause not in known[policy].causes.tree):
        raise NotOurs(cause)
    page = reading.listed(
        standing,
        [policy] if policy else mine,
        status=chosen,
        kind=kind,
        cause=cause,
        said=storable(query.get("q", "")),
        cursor=query.get("cursor"),
    )
    if "pdf" in query:
        return _pdf(request, page.rows, known, "desk_model_cases")
    context: dict[str, Any] = {
        "lines": [(row, *TONES[Kind(row.kind)], _cause(row, known)) for row in page.rows],
        "filter_fields": list(_filters(query, known, mine, decides=decides)),
        "said": query.get("q", ""),
        "waiting": reading.waiting(standing, mine) if decides and chosen == Status.PUBLISHED else 0,
        "pdf": f"?{_with_pdf(request)}",
        **hrefs(request, page),
    }
    return show(request, "workbench/model_cases.html", "model_cases", context, now=now)


def _with_pdf(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["pdf"] = "1"
    return query.urlencode()


def _filters(query: dict[str, str], known: dict[str, Pack], mine: tuple[str, ...], *, decides: bool) -> Any:
    policy = query.get("policy", "")
    titles = [(id, words(dict(known[id].title))) for id in mine]
    fields = [
        ("policy", _("All policies"), policy, titles),
        ("kind", _("Good and bad"), query.get("kind", ""), [(each.value, str(each.label)) for each in Kind]),
    ]
    if policy and known[policy].causes.field:
        tree = [(id, str(keys.value_words(known[policy].causes.field or "", id, known[policy])))
                for id in known[policy].causes.tree]  # fmt: skip
        fields.append(("cause", _("All causes"), query.get("cause", ""), tree))
    if decides:
        states = [(each.value, str(each.label)) for each in Status if each is not Status.PUBLISHED]
        chosen = query.get("status", "")
        fields.append(("status", _("In the library"), chosen if chosen != Status.PUBLISHED else "", states))
    for name, label, value, choices in fields:
        if len(choices) > 1 or name == "status":
            yield FilterField(name=name, label=label, value=value, choices=choices)


def _cause(row: ModelCase, known: dict[str, Pack]) -> str:
    pack = known.get(row.policy)
    if pack is None or not row.cause or pack.causes.field is None:
        return ""
    return str(keys.value_words(pack.causes.field, row.cause, pack))


def _one(request: HttpRequest, key: UUID, now: datetime) -> tuple[ModelCase, Permissions, dict[str, Pack]]:
    standing, known, mine = _reader(request, now)
    row = reading.one(standing, mine, key)
    if row is None:
        raise Http404
    return row, standing, known


@require_GET
@desk
def one(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """Show a model case, or hand it out as PDF."""
    now = timezone.now()
    row, standing, known = _one(request, key, now)
    if "pdf" in request.GET:
        return _pdf(request, (row,), known, "desk_model_case")
    decides = choosing.may_choose(standing, row.policy)
    tone, icon = TONES[Kind(row.kind)]
    context = {
        "row": row,
        "tone": tone,
        "icon_name": icon,
        "cause": _cause(row, known),
        "policy_title": words(dict(known[row.policy].title)),
        "case": reading.case_behind(standing, row),
        "waits": decides and row.status == Status.PROPOSED,
        "can_approve": decides and row.status == Status.PROPOSED and row.written_by_id != standing.person.pk,
        "can_withdraw": decides and row.status == Status.PUBLISHED,
    }
    return show(request, "workbench/model_case.html", "model_cases", context, now=now)


@require_POST
@desk
def decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Publish, decline or withdraw a model case."""
    now, reader = timezone.now(), person(request)
    row, standing, _known = _one(request, key, now)
    if not choosing.may_choose(standing, row.policy):
        raise PermissionDenied
    seen, what, reason = request.POST.get("seen", ""), request.POST.get("what", ""), request.POST.get("reason", "")
    try:
        if seen != row.written_at.isoformat():
            raise ModelCaseError("decided")
        if what == "publish":
            choosing.publish(row, by=reader, now=now)
        elif what == "decline":
            choosing.decline(row, reason=reason, by=reader, now=now)
        elif what == "withdraw":
            choosing.withdraw(row, reason=reason, by=reader, now=now)
        else:
            raise Http404
    except ModelCaseError as error:
        messages.error(request, str(PROBLEMS[str(error)]))
    else:
        messages.success(request, _("Done. The library shows it so from now on."))
    return redirect("desk_model_case", key)


def _pdf(request: HttpRequest, rows: tuple[ModelCase, ...], known: dict[str, Pack], back: str) -> HttpResponseBase:
    """Hand out model cases as one paper; say on the page why it cannot be made."""
    now = timezone.now()
    seen = reading.cases_behind(permissions_of(person(request)), rows)
    parts = [
        Part(
            title=row.title,
            note=" \u00b7 ".join(filter(None, (str(Kind(row.kind).label), _cause(row, known), seen.get(row.pk, "")))),
            field="story",
            words=f"{row.story}\n\n{_('What is learnt from it')}\n\n{row.lesson}",
        )
        for row in rows
    ]
    policies = dict.fromkeys(row.policy for row in rows)
    paper = ReportPaper(
        language=get_language() or "",
        reference="",
        policy=" \u00b7 ".join(words(dict(known[each].title)) for each in policies),
        title=_("Model cases"),
        period="",
        about=[],
        parts=parts,
        counted=[],
        counted_title="",
        nothing=_("Nothing."),
        unwritten=_("Not filled in."),
        hash="",
        sender=sender(),
        at=now,
    )
    try:
        return made(report_pdf(paper), f"model-cases-{now:%Y%m%d}.pdf", PDF)
    except PaperError as error:
        log.error("model cases: %s", error)
        messages.error(request, why_not(error))
        return redirect(back, *([rows[0].pk] if back == "desk_model_case" else []))
