"""Acts on several complaints of the register at once: each is judged by its policy, and each says what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.cases.access.case_access import Accessed, access_cases
from ombud.cases.reading.paging import PAGE, NotOurs
from ombud.interface.act_form import ActForm, fields_form
from ombud.organisation.models import words
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.texts import Text
from ombud.workbench import packs
from ombud.workbench.actpanel import people_of
from ombud.workbench.bulk_doing import REMIND, Outcome, do, offers_of, remind_each
from ombud.workbench.page import desk, person, show

CASE, ACT = "case", "act"


@dataclass(frozen=True, kw_only=True, slots=True)
class Together:
    """An act that can be done now on so many of the chosen complaints, which all run under one procedure."""

    key: str  # policy:procedure:act, as an address has it
    title: Text
    policy: Text
    cases: tuple[Accessed, ...]


@require_http_methods(["GET", "POST"])
@desk
def together(request: HttpRequest) -> HttpResponse:
    """Show what can be done on the chosen complaints, the form of one act, or what came of it."""
    now, reader = timezone.now(), person(request)
    said = request.POST if request.method == "POST" else request.GET
    chosen = access_cases(reader, said.getlist(CASE)[:PAGE])
    if not chosen:
        messages.info(request, _("None of them is waiting for an act of yours."))
        return redirect("desk_register")
    acts = _acts(chosen, now)
    key = said.get(ACT, "")
    context: dict[str, Any] = {"lines": _lines(chosen), "acts": acts, "key": key}
    if key == REMIND and request.method == "POST":
        return _show(request, {**context, "outcomes": remind_each(chosen, by=reader, now=now)}, now)
    if not key or key == REMIND:
        return _show(request, context, now)
    act = next((each for each in acts if each.key == key), None)
    if act is None:
        raise NotOurs(key)
    form = _form(act, request.POST if request.method == "POST" else None)
    context |= {
        "act": act,
        "form": form,
        "act_id": _rule(act).id,
        "help": _rule(act).help,
        "is_all": len(act.cases) == len(chosen),
    }
    if request.method == "POST" and form.is_valid():
        return _show(request, {**context, "outcomes": _outcomes(chosen, act, form, request, now)}, now)
    return _show(request, context, now, status=422 if request.method == "POST" else 200)


def _show(request: HttpRequest, context: dict[str, Any], now: datetime, *, status: int = 200) -> HttpResponse:
    return show(request, "workbench/bulk.html", "register", context, now=now, status=status)


def _acts(chosen: Sequence[Accessed], now: datetime) -> list[Together]:
    """Return what can be done now: what is owed first, then what most have; what needs a file is done singly."""
    able: dict[str, list[Accessed]] = defaultdict(list)
    owed: set[str] = set()
    for accessed in chosen:
        for act, meets_duty in offers_of(accessed, now=now).items():
            key = f"{accessed.case.policy}:{accessed.case.procedure}:{act}"
            if _can_be_shared(packs.pack_of(accessed.case), _known(accessed, act)):
                able[key].append(accessed)
                owed |= {key} if meets_duty else set()
    found = []
    for key, cases in able.items():
        pack, rule = packs.pack_of(cases[0].case), _known(cases[0], key.split(":")[2])
        found.append(Together(key=key, title=rule.title, policy=pack.title, cases=tuple(cases)))
    return sorted(found, key=lambda each: (each.key not in owed, -len(each.cases), words(dict(each.title))))


def _known(accessed: Accessed, act: str) -> Act:
    return packs.pack_of(accessed.case).procedures[accessed.case.procedure].acts[act]


def _rule(together: Together) -> Act:
    return _known(together.cases[0], together.key.split(":")[2])


def _can_be_shared(pack: Pack, act: Act) -> bool:
    return not any(_is_file(pack, name) for name in act.needs)


def _is_file(pack: Pack, name: str) -> bool:
    return FieldType.FILES in (pack.fields[name].type, pack.fields[name].item)


def _form(together: Together, data: Any) -> ActForm:
    """Return the form of the act: what each of them needs; an optional field that stays empty changes nothing."""
    pack, act = packs.pack_of(together.cases[0].case), _rule(together)
    names = [name for name in (*act.needs, *act.may) if not _is_file(pack, name)]
    return fields_form(pack, names, data, required=act.needs, people=people_of(pack.id))


def _outcomes(
    chosen: Iterable[Accessed], act: Together, form: ActForm, request: HttpRequest, now: datetime
) -> list[Outcome]:
    able, data, name = {each.case.pk for each in act.cases}, form.act_data(), act.key.split(":")[2]
    found = []
    for accessed in chosen:
        if accessed.case.pk not in able:
            found.append(Outcome(case=accessed.case, is_done=False, words=_("This act is not possible there now.")))
            continue
        seen = request.POST.get(f"seen-{accessed.case.reference}", "")
        found.append(do(accessed, name, data, seen=int(seen[:18]) if seen.isdecimal() else None, now=now))
    return found


def _lines(chosen: Iterable[Accessed]) -> list[dict[str, Any]]:
    return [
        {
            "case": each.case,
            "phase": packs.pack_of(each.case).procedures[each.case.procedure].phases[each.case.phase].title,
            "href": reverse("desk_case", args=[each.case.reference]),
        }
        for each in chosen
    ]
