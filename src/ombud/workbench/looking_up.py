"""The look-up button of a form: another system is asked, its answer fills what is empty and is kept as evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from datetime import datetime
from typing import Any

from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ombud.cases.access.case_access import ACT, Accessed, access_case
from ombud.cases.reading import queries
from ombud.channels.lookups import asking, evidence, sources
from ombud.channels.lookups.asking import Answered, LookUpFailed
from ombud.channels.lookups.sources import Source
from ombud.correspondence.models import Account
from ombud.engine.value_errors import Unfit, value_of
from ombud.interface.act_form import ActForm, fields_form
from ombud.interface.fact_text import fact_text
from ombud.interface.fields import StoredFile
from ombud.organisation.models import reader_language, words
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import EVIDENCE, RECEIVE
from ombud.workbench import actpanel, packs
from ombud.workbench.look_up_buttons import offer
from ombud.workbench.page import desk, person
from ombud.workbench.record import chosen, complaint_form

_FIRST_TAG = re.compile(r"<(div|fieldset)\b")
LONGEST_SHOWN = 4000  # characters of an answer on a page


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """The form that a button stands in."""

    form: ActForm
    pack: Pack
    act: str
    accessed: Accessed | None = None  # the case; none while it is being recorded

    @property
    def reference(self) -> str:
        return self.accessed.case.reference if self.accessed is not None else ""


@dataclass(kw_only=True, slots=True)
class Brought:
    """What came of a look-up, as the form shows it."""

    title: str
    failure: str = ""
    rows: list[tuple[str, str]] = part(default_factory=list)  # title of a field, and what was found
    kept: list[str] = part(default_factory=list)  # what stood in a field already and was left
    unfit: list[str] = part(default_factory=list)  # what a field does not take, and why
    tokens: list[str] = part(default_factory=list)  # of the files that are kept as evidence
    fields: list[SafeString] = part(default_factory=list)  # filled in, in place of those shown


@require_POST
@desk
def look_up(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the source with what stands in the form and return what it brought; a failure is said, nothing is lost."""
    now, row = timezone.now(), Account.objects.filter(key=key, kind=sources.KIND, is_active=True).first()
    if row is None:
        raise Http404
    source = sources.source_of(row)
    place = _place(request, row, source, now)
    brought = Brought(title=source.title)
    try:
        answered = asking.ask(row, source, _known(request, place, source), now=now)
    except LookUpFailed as error:
        brought.failure = failure_words(error, place.pack)
    else:
        _take_over(place, source, answered, brought)
        _keep(request, place.form, source, answered, brought, now)
    return render(request, "workbench/_looked_up.html", {"brought": brought, "key": key})


def failure_words(error: LookUpFailed, pack: Pack) -> str:
    """Return why a look-up brought nothing, and what to do."""
    if error.code == asking.UNFILLED:
        known = pack.fields.get(error.about)
        return _("Fill in first: {title}").format(title=words(dict(known.title)) if known else error.about)
    said = {
        asking.UNKNOWN: _("Nothing is known there of it. Check what you typed, or go on by hand."),
        asking.SILENT: _("It does not answer just now. Go on by hand; it can be looked up later."),
        asking.RESTS: _("It did not answer before and is given a rest. Go on by hand; it can be looked up later."),
        asking.BUSY: _("Many are asking it just now. Try again in a moment, or go on by hand."),
        asking.LOCKED_OUT: _("It does not let us in. Tell whoever set it up; go on by hand."),
        asking.NOT_ALLOWED: _("Its address may not be called from here. Tell whoever set it up; go on by hand."),
        asking.REFUSED: _("It did not take the question (status {status}). Go on by hand."),
        asking.NO_JSON: _("Its answer cannot be read. Tell whoever set it up; go on by hand."),
        asking.TOO_LONG: _("Its answer is too long to be read. Tell whoever set it up; go on by hand."),
    }
    return said[error.code].format(status=error.about)


def values_of(pack: Pack, source: Source, content: Any, *, at: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what an answer says for the policy's fields, and {field: why} of what the field does not take."""
    found: dict[str, Any] = {}
    unfit: dict[str, str] = {}
    for name, said in source.fills.items():
        raw: Any = sources.found_in(content, said).strip()
        if not raw or name not in pack.fields:
            continue
        kind = pack.fields[name].type
        if kind is FieldType.DATE:
            raw = raw[:10]  # many systems write a day with the time of midnight
        if kind is FieldType.LIST:
            raw = [part.strip() for part in raw.split(",") if part.strip()]
        try:
            found[name] = value_of(pack, pack.fields[name], raw, at=int(at.timestamp()))
        except Unfit as error:
            unfit[name] = words(dict(error.text))
    return found, unfit


def rows_of(pack: Pack, found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what was found as titles and words."""
    shown = {
        name: fact_text(pack.fields[name], value, names={}, currency=pack.currency) for name, value in found.items()
    }
    return [(words(dict(pack.fields[name].title)), text) for name, text in shown.items()]


def _place(request: HttpRequest, row: Account, source: Source, now: datetime) -> Where:
    """Return the form that the button stands in. Raises as pages do where the reader has no such form."""
    act = request.GET.get("act", RECEIVE)
    if act not in source.acts:
        raise Http404
    if reference := request.GET.get("case", ""):
        accessed = access_case(person(request), reference, ACT)
        shown = actpanel.find(accessed, queries.offers(accessed, now=now), act)
        if accessed.case.policy != row.policy or shown is None:
            raise Http404
        form = actpanel.build(accessed, shown, request.POST, now=now)
        return Where(form=form, pack=packs.pack_of(accessed.case), act=act, accessed=accessed)
    _usable, version, pack, _actor = chosen(request, now)
    channel = request.POST.get("channel", "")
    if version.policy != row.policy or channel not in pack.channels:
        raise Http404
    return Where(form=complaint_form(pack, channel, request.POST, None), pack=pack, act=act)


def _known(request: HttpRequest, place: Where, source: Source) -> dict[str, str]:
    """Return the values that the source is asked with: what was typed, else what the case says and the reader sees."""
    facts = queries.facts(place.accessed) if place.accessed is not None else ()
    recorded = {each.field: each.value for each in facts if not each.is_masked and not each.is_erased}
    typed = {name: request.POST.get(name, "").strip() for name in source.asks_for}
    return {name: said or str(recorded.get(name) or "") for name, said in typed.items()}


def _take_over(place: Where, source: Source, answered: Answered, brought: Brought) -> None:
    """Fill the empty fields of the form; what somebody typed stays, and what was found is shown beside it."""
    form, pack = place.form, place.pack
    found, unfit = values_of(pack, source, answered.content, at=answered.at)
    brought.rows = rows_of(pack, found)
    brought.unfit = list(unfit.values())
    asked = [name for name in found if name in form.fields]
    empty = {name: found[name] for name in asked if not _is_typed(form[name])}
    brought.kept = [words(dict(pack.fields[name].title)) for name in asked if name not in empty]
    required = [name for name in empty if form.fields[name].required]
    filled = fields_form(pack, empty, known=empty, required=required)
    offer(filled, pack.id, place.act, place.reference)
    brought.fields = [_swapped(filled[name]) for name in empty]


def _is_typed(shown: BoundField) -> bool:
    said = shown.data
    first = said[0] if isinstance(said, list) and said else said  # of an amount, its currency stands there always
    return bool(first.strip() if isinstance(first, str) else first)


def _swapped(shown: BoundField) -> SafeString:
    """Return a field that takes the place of the one shown."""
    html = render_to_string("components/field.html", {"field": shown})
    return mark_safe(_FIRST_TAG.sub(r'<\1 hx-swap-oob="true"', html, count=1))  # our own template


def _keep(
    request: HttpRequest, form: ActForm, source: Source, answered: Answered, brought: Brought, now: datetime
) -> None:
    """Keep the answer for the act to name, where its form takes evidence."""
    if EVIDENCE not in form.fields:
        return
    reader = person(request)
    asked = _("Looked up by {name} on {at}").format(name=reader, at=f"{timezone.localtime(now):%Y-%m-%d %H:%M %Z}")
    files = evidence.keep(
        source, answered, brought.rows, asked=asked, by=reader.key, language=reader_language(), now=now
    )
    names: Iterable[str] = (f"{source.title}.json.txt", f"{source.title}.pdf")
    brought.tokens = [StoredFile(str(each.pk), name).token for each, name in zip(files, names, strict=False)]


def written(content: Any) -> str:
    """Return an answer as people read it, cut where it is long."""
    return json.dumps(content, ensure_ascii=False, indent=2)[:LONGEST_SHOWN]
