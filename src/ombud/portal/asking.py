"""How the form of an act asks its complainant: what was asked for first, and words where an answer wants them."""

from __future__ import annotations

from dataclasses import dataclass

from django.forms import BoundField
from django.http import HttpRequest
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import Accessed
from ombud.cases.reading import queries
from ombud.interface.act_form import ActForm
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.vocabulary import RATING


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the form, and by which values of which other field it is shown, such as `answer=partly|rejected`."""

    field: BoundField
    shown_by: str = ""


@dataclass(frozen=True, slots=True)
class Questions:
    """The fields of a form: to fill in now, further ones, and those that hold what was told before."""

    fresh: tuple[Question, ...]
    more: tuple[Question, ...]
    given: tuple[Question, ...]


def questions(request: HttpRequest, found: Accessed, pack: Pack, act: Act | None, form: ActForm) -> Questions:
    """Return the form's fields as they are to be asked; what was chosen on the way here stands chosen."""
    fresh, given = form.by_news()
    asked = _asked_for(found, pack, act)
    if asked:
        known = [each for each in given if each.name in asked]
        rest = [each for each in fresh if each.name not in asked and not pack.fields[each.name].is_anew]
        fresh = [each for each in [*known, *fresh] if each not in rest]
        fresh.sort(key=lambda each: asked.index(each.name) if each.name in asked else len(asked))
        given = [each for each in given if each not in known]
    else:
        rest = []
    _choose(request, act, form)
    want_words(act, form)
    shown = {name: f"{act.choice}={'|'.join(values)}" for name, values in act.explained_by.items()} if act else {}
    parts = [tuple(Question(each, shown.get(each.name, "")) for each in part) for part in (fresh, rest, given)]
    return Questions(*parts)


def want_words(act: Act | None, form: ActForm) -> None:
    """Let the form need words where the answer wants them: as it was sent, or as it may still be answered."""
    chosen = _chosen(act, form)
    for name, values in (act.explained_by if act else {}).items():
        form.fields[name].required = chosen in values if form.is_bound else chosen in ("", *values)


def is_final(procedure: Procedure, act: str) -> bool:
    """Return whether the act ends the case, whatever is said with it: there is no way back then."""
    rule = procedure.acts.get(act)
    return rule is not None and rule.to is not None and rule.to in procedure.phases and procedure.phases[rule.to].is_end


def _asked_for(found: Accessed, pack: Pack, act: Act | None) -> list[str]:
    """Return the fields that staff ticked when they last asked for something."""
    if act is None or act.asked_in is None:
        return []
    takers = {each.id for each in pack.procedures[found.case.procedure].acts.values() if act.asked_in in each.may}
    for entry in reversed(queries.timeline(found)):
        if entry.act in takers:
            ticked = next((shown.value for shown in entry.facts if shown.field == act.asked_in), None)
            return [name for name in ticked or () if name in (*act.needs, *act.may)]
    return []


def _choose(request: HttpRequest, act: Act | None, form: ActForm) -> None:
    """Let the answer that a card offered stand chosen in the form."""
    for name in filter(None, (act.choice if act else None, RATING)):
        if name in form.fields and name in request.GET and not form.is_bound:
            form.initial[name] = request.GET[name]


def _chosen(act: Act | None, form: ActForm) -> str:
    choice = act.choice if act else None
    if choice is None or choice not in form.fields:
        return ""
    return str(form.data.get(form.add_prefix(choice), "") if form.is_bound else form.initial.get(choice, ""))


def thanks(act: Act | None, form: ActForm, title: str) -> str:
    """Return what is said once it is done: what was answered, else the act."""
    choice = act.choice if act else None
    if choice and choice in form.cleaned_data:
        answer = dict(form.fields[choice].choices).get(form.cleaned_data[choice], title)  # type: ignore[attr-defined]
        title = _("{act} ({answer})").format(act=title, answer=answer)
    return _("Thank you, this was recorded: {act}.").format(act=title)
