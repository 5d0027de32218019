"""The form of somebody's competences: languages, and the kinds of complaint of each policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from ombud.interface.languages import own_name
from ombud.interface.locales import locale
from ombud.organisation.competences import Competence
from ombud.organisation.knowing import Known
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.texts import base_of, tag_of

LANGUAGES, ANOTHER = "languages", "another"


class CompetenceForm(forms.Form):
    """What somebody speaks and knows; what is not shown here stays as it is."""

    def __init__(self, data: Any, had: set[Known], known: Iterable[Pack]) -> None:
        packs = [pack for pack in known if pack.figures.category in pack.fields]
        tags = {tag_of(code) for code, _name in settings.LANGUAGES}
        tags |= {tag for pack in known for office in pack.offices.values() for tag in office.languages}
        tags |= {value for kind, _policy, value in had if kind == Competence.Kind.LANGUAGE}
        initial = {LANGUAGES: [value for kind, _policy, value in had if kind == Competence.Kind.LANGUAGE]}
        for pack in packs:
            initial[pack.id] = [value for kind, policy, value in had if policy == pack.id]
        super().__init__(data, initial=initial, auto_id="knows_%s", prefix="knows")
        self._policies = [pack.id for pack in packs]
        self.fields[LANGUAGES] = _several(_("Languages"), [(tag, own_name(tag)) for tag in sorted(tags)])
        self.fields[ANOTHER] = forms.ChoiceField(label=_("Another language"), choices=_others(tags), required=False)
        for pack in packs:
            label = _("Kinds of complaint: {policy}").format(policy=words(dict(pack.title)))
            of = pack.fields[pack.figures.category or ""].of
            self.fields[pack.id] = _several(label, [(value, words(dict(title))) for value, title in of.items()])

    @property
    def shown(self) -> set[Known]:
        return self._of({name: [key for key, _label in field.choices] for name, field in self.fields.items()})  # type: ignore[attr-defined]

    @property
    def wanted(self) -> set[Known]:
        another = self.cleaned_data[ANOTHER]
        return self._of(self.cleaned_data) | ({(Competence.Kind.LANGUAGE.value, "", another)} if another else set())

    def _of(self, said: dict[str, list[str]]) -> set[Known]:
        kinds = Competence.Kind
        found: set[Known] = {(kinds.LANGUAGE.value, "", tag) for tag in said[LANGUAGES]}
        return found | {(kinds.CATEGORY.value, policy, value) for policy in self._policies for value in said[policy]}


def _others(shown: Collection[str]) -> list[tuple[str, str]]:
    """Return every other language with a code of two letters by its name in the reader's: such as one is a barrier."""
    known = {base_of(tag) for tag in shown}
    names = {tag: name for tag, name in locale().languages.items() if len(tag) == 2 and tag not in known}
    return [("", "---------"), *sorted(names.items(), key=lambda each: each[1])]


def competence_words(key: str, titles: Mapping[str, Pack]) -> str:
    """Return a competence, as changes are kept by, in words."""
    _person, kind, place = key.split(" ", 2)
    policy, _slash, value = place.partition("/")
    if kind == Competence.Kind.LANGUAGE:
        return own_name(value)
    pack = titles.get(policy)
    field = pack.fields.get(pack.figures.category or "") if pack is not None else None
    return words(dict(field.of[value])) if field is not None and value in field.of else value


def _several(label: str, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)
