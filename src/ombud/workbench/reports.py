"""A matter's report: its figures as they were counted, words written beside them, handed in with the act."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from ombud.cases.access.case_access import READ, Accessed, access_case
from ombud.cases.errors import AttachmentRefused, Refused, Stale
from ombud.cases.reading import queries
from ombud.insight.reports import comparing, drafting, handing_in, papers, presenting, receiving, writing
from ombud.insight.reports.handing_in import CountedMeanwhile
from ombud.insight.reports.models import Frozen, Report, Written
from ombud.insight.reports.writing import WrittenOver
from ombud.interface.act_form import ActForm, fields_form
from ombud.interface.downloads import made
from ombud.interface.upload_text import upload_text
from ombud.organisation.models import Person
from ombud.papers.errors import PaperError
from ombud.papers.report import ReportPaper
from ombud.policy.model.reports import Report as Wanted
from ombud.policy.vocabulary import CASE
from ombud.workbench import actpanel, packs
from ombud.workbench.actpanel import Chosen
from ombud.workbench.consequences import consequences
from ombud.workbench.figures import known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.papers import why_not
from ombud.workbench.report_links import with_links

log = logging.getLogger(__name__)

KEEP, SAVE, COUNT, HAND_IN = "keep", "save", "count", "hand-in"  # what a button, or the page by itself, asks for
COUNTED_AS = "counted-as"  # which figures were looked at; with a hyphen, since no field of a policy is called so
LONGEST = 20_000  # characters of a field that are kept
_WRITTEN_OVER = gettext_lazy("Somebody has written in this report meanwhile. Copy your words, then open it again.")
_CHANGED = gettext_lazy("The matter has changed meanwhile. Look at it, then hand the report in again.")
_COUNTED = gettext_lazy("The figures were counted anew meanwhile. Look at them, then hand the report in again.")


@dataclass(kw_only=True, slots=True)
class Opened:
    """A report as its reader has it before them."""

    accessed: Accessed
    report: Report
    wanted: Wanted
    frozen: Frozen
    written: Written | None
    said: Mapping[str, str]
    chosen: Chosen | None  # the act that hands it in, where the reader can do it now

    @property
    def can_write(self) -> bool:
        """Whether the reader hands it in and reads all that is written: what is masked would be written over."""
        if self.chosen is None:
            return False
        fields = packs.pack_of(self.accessed.case).fields
        written = (section.commentary for section in self.wanted.sections)
        return not (self.accessed.is_masked and any(name and fields[name].is_personal for name in written))

    @property
    def seen(self) -> int:
        """The number of the words that are shown."""
        return self.written.number if self.written else 0


@require_http_methods(["GET", "POST"])
@desk
def report(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Show a report; keep words, count anew, hand it in."""
    now, reader = timezone.now(), person(request)
    opened = _opened(reader, reference, act, now)
    if request.method == "POST":
        if opened.chosen is None or not opened.can_write:
            raise PermissionDenied
        return _do(request, opened, opened.chosen, reader, now)
    return _page(request, opened, now=now)


@require_GET
@desk
def paper(request: HttpRequest, reference: str, act: str, kind: str) -> HttpResponseBase:
    """Hand out a report as a file, in the reader's language."""
    now = timezone.now()
    opened = _opened(person(request), reference, act, now)
    if kind not in papers.KINDS:
        raise Http404
    try:
        done = papers.made(_paper(opened), opened.wanted.id, kind)
    except PaperError as error:
        log.error("report of %s: %s", reference, error)
        messages.error(request, why_not(error))
        return redirect("desk_report", reference=reference, act=act)
    return made(done.content, done.name, papers.KINDS[kind])


def of(accessed: Accessed, doable: Collection[str]) -> dict[str, Any]:
    """Return the reports of a case, for its page: by act, those begun and those that the reader can begin now."""
    pack = packs.pack_of(accessed.case)
    acts = {act.id: act for act in pack.procedures[accessed.case.procedure].acts.values() if act.hands_in}
    begun = {row.act: row for row in Report.objects.filter(case=accessed.case)} if acts else {}
    found = []
    for act in acts.values():
        row = begun.get(act.id)
        id = row.report if row is not None else act.hands_in or ""
        if (row is not None or act.id in doable) and id in pack.reports:
            found.append((act.id, row, pack.reports[id].title))
    return {"reports": found}


def _opened(reader: Person, reference: str, act: str, now: datetime) -> Opened:
    accessed = access_case(reader, reference, READ)
    row = Report.objects.select_related("case__complainant").filter(case=accessed.case, act=act).first()
    chosen = actpanel.find(accessed, queries.offers(accessed, now=now), act) if accessed.actors else None
    if chosen is not None and chosen.offer.blocked:
        chosen = None
    if row is None and chosen is not None:
        row = drafting.begin(accessed.case, act, now=now)
    wanted = drafting.wanted(accessed.case, act)
    if row is None or wanted is None:
        raise Http404
    frozen = drafting.latest(row)
    if chosen is not None and wanted.subject == CASE and frozen.content["seq"] != accessed.case.seq:
        frozen = drafting.freeze(row, frozen, by=None, now=now)  # who writes about a case writes about it as it is
    written = writing.latest(row)
    return Opened(
        accessed=accessed,
        report=row,
        wanted=wanted,
        frozen=frozen,
        written=written,
        said=writing.readable(accessed, writing.words_of(row, written)),
        chosen=chosen,
    )


def _paper(opened: Opened, *, fresh: Mapping[str, Any] | None = None, is_kept: bool = False) -> ReportPaper:
    return presenting.paper(opened.accessed, opened.report, opened.frozen, opened.said, fresh=fresh, is_kept=is_kept)


def _form(opened: Opened, chosen: Chosen, data: Any = None, files: Any = None) -> ActForm:
    """Return what the act takes, but for the papers that come with it; what was written stands in it."""
    pack = packs.pack_of(opened.accessed.case)
    names = [name for name in (*chosen.offer.needs, *chosen.offer.may) if name != opened.wanted.keeps]
    form = fields_form(pack, names, data, files, required=chosen.offer.needs)
    form.initial = {name: text for name, text in opened.said.items() if name in form.fields}
    return form


def _words(request: HttpRequest, form: ActForm) -> dict[str, str]:
    """Return what was typed, field by field, as it was."""
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n")[:LONGEST] for name in form.pack_fields}
    return {name: text for name, text in typed.items() if text.strip()}


def _do(request: HttpRequest, opened: Opened, chosen: Chosen, reader: Person, now: datetime) -> HttpResponse:
    form, did = _form(opened, chosen, request.POST, request.FILES), request.POST.get("do", SAVE)
    form.keep_uploads(store=actpanel.keeper(reader, now))
    seen = request.POST.get("seen", "")
    try:
        number = writing.keep(
            opened.report,
            _words(request, form),
            seen=int(seen[:6]) if seen.isdecimal() else 0,
            by=reader,
            now=now,
        )
    except WrittenOver:
        form.ask_nothing()
        if did == KEEP:
            return show(request, "workbench/_report_kept.html", "register", {"is_stale": True}, now=now, status=409)
        form.add_error(None, str(_WRITTEN_OVER))
        return _page(request, opened, now=now, form=form, seen=seen, status=409)
    if did == KEEP:
        context = {"kept_at": now, "seen": number}
        return show(request, "workbench/_report_kept.html", "register", context, now=now)
    if did == HAND_IN:
        return _hand_in(request, _opened(reader, opened.accessed.case.reference, chosen.act, now), form, reader, now)
    if did == COUNT:
        counted = drafting.freeze(opened.report, opened.frozen, by=reader, now=now)
        if counted.as_of == now and counted.by_id == reader.pk:
            messages.success(request, _("Counted anew. The figures before are kept, too."))
        else:
            messages.warning(request, _("Somebody was quicker: it was counted anew or handed in a moment ago."))
    else:
        messages.success(request, _("Kept. It has not been handed in."))
    return redirect("desk_report", reference=opened.accessed.case.reference, act=chosen.act)


def _hand_in(request: HttpRequest, opened: Opened, form: ActForm, reader: Person, now: datetime) -> HttpResponse:
    accessed, chosen = opened.accessed, opened.chosen
    if chosen is None or not opened.can_write:  # somebody else handed it in a moment ago
        form.add_error(None, str(_CHANGED))
        return _page(request, opened, now=now, form=form, status=409)
    if request.POST.get(COUNTED_AS, str(opened.frozen.number)) != str(opened.frozen.number):
        form.add_error(None, str(_COUNTED))
        return _page(request, opened, now=now, form=form, status=409)
    if not form.is_valid():
        form.focus_on_error()
        return _page(request, opened, now=now, form=form, status=422)
    try:
        done = handing_in.hand_in(
            accessed,
            opened.report,
            opened.frozen,
            papers.all_of(_paper(opened, is_kept=True), opened.wanted.id),
            actor=chosen.actor,
            by=reader,
            data=form.act_data(),
            seen=accessed.case.seq,
            now=now,
        )
    except (CountedMeanwhile, PaperError, AttachmentRefused, Refused, Stale) as error:
        return _page(request, opened, now=now, form=form, status=_refuse(form, error))
    messages.success(request, consequences(done, title=chosen.title, now=now))
    return redirect("desk_case", reference=accessed.case.reference)


def _refuse(form: ActForm, error: Exception) -> int:
    """Say in the form why it was not handed in, and return the answer's status."""
    match error:
        case Refused():
            form.refuse(error.refusals)
        case Stale():
            form.add_error(None, str(_CHANGED))
        case CountedMeanwhile():
            form.add_error(None, str(_COUNTED))
        case AttachmentRefused():
            form.add_error(None, upload_text(error))
        case PaperError():
            log.error("report: %s", error)
            form.add_error(None, why_not(error))
    return 409 if isinstance(error, CountedMeanwhile | Refused | Stale) else 422


def _page(
    request: HttpRequest,
    opened: Opened,
    *,
    now: datetime,
    form: ActForm | None = None,
    seen: str = "",
    status: int = 200,
) -> HttpResponse:
    accessed, report = opened.accessed, opened.report
    is_compared = "today" in request.GET or report.handed_in_at is not None
    fresh = comparing.fresh(report, opened.frozen, now=now) if is_compared else None
    said = with_links(
        _paper(opened, fresh=fresh), opened.wanted.sections, opened.frozen.content, known_packs(request), now
    )
    if form is None and opened.chosen is not None and opened.can_write:
        form = _form(opened, opened.chosen)
    commented = {part.field for part in said.parts if part.field}
    context = {
        "accessed": accessed,
        "case": accessed.case,
        "report": report,
        "wanted": opened.wanted,
        "paper": said,
        "form": form,
        "chosen": opened.chosen,
        "parts": [(part, form[part.field] if form and part.field in form.fields else None) for part in said.parts],
        "others": [form[name] for name in form.pack_fields if name not in commented] if form else (),
        "seen": seen or opened.seen,
        "frozen": opened.frozen,
        "counts": report.frozen.select_related("by").order_by("-number"),
        "versions": report.written.select_related("by").order_by("-number"),
        "changed": comparing.differs(opened.frozen.content, fresh) if fresh else None,
        "kinds": list(papers.KINDS),
        "has_links": any(cell.opens for part in said.parts if part.table for row in part.table.rows for cell in row),
        **_freshness(opened.frozen, now),
        "not_mailed": receiving.not_mailed(report, opened.wanted),
    }
    return show(request, "workbench/report.html", "register", context, now=now, status=status)


def _freshness(frozen: Frozen, now: datetime) -> dict[str, bool]:
    """Return whether the period still goes on, or else went on after its figures were counted."""
    if "end" not in frozen.content:  # about a case
        return {"is_running": False, "is_cut_short": False}
    end = datetime.fromisoformat(frozen.content["end"])
    return {"is_running": now < end, "is_cut_short": frozen.as_of < end <= now}
