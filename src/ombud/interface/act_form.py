"""Forms from the pack: the fields of an act or of a filing step as Django form fields, for every edge alike.

form = act_form(pack, offer, request.POST or None, request.FILES or None, known=facts)
form.keep_uploads(store=...)     # files first, whatever else is wrong
if form.is_valid():
    data = form.act_data()       # JSON values, ready for cases.commands.perform
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from ombud.cases.errors import AttachmentRefused
from ombud.cases.models import Attachment
from ombud.engine.model import Refusal
from ombud.interface import fields as act_fields
from ombud.interface.fields import FilesField, StoredFile, Upload, stored_file
from ombud.interface.money_field import PackField
from ombud.interface.upload_text import upload_text
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType

Store = Callable[[Upload], Attachment]  # keeps an uploaded file
Sees = Callable[[Collection[str], bool], None]  # keeps of files by id whether the complainant will see them


class Fields(Protocol):
    """What an act asks for; the engine's AvailableAct and the pack's Act both are this."""

    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def may(self) -> tuple[str, ...]: ...


class ActForm(forms.Form):
    """A form whose fields a pack declares; `act_data` gives their values as the engine takes them."""

    pack_fields: tuple[str, ...] = ()
    template_name = "components/form.html"

    def act_data(self) -> dict[str, Any]:
        """Return what was typed as JSON values, absent where nothing was; of files, which are kept first, the ids."""
        found: dict[str, Any] = {}
        for name in self.pack_fields:
            field, value = self.fields[name], self.cleaned_data.get(name)
            assert isinstance(field, PackField), "only fields of the pack are listed"
            if value in (None, "", []):
                continue
            if isinstance(field, FilesField):
                value = [file.id for file in value]
            found[name] = field.as_json(value)
        return found

    def ask_who_sees(self) -> None:
        """Ask beside the files whether the complainant will see them; without an answer they are internal."""
        for name in self.pack_fields:
            field = self.fields[name]
            if isinstance(field, FilesField):
                field.input.asks_who_sees = True

    def keep_uploads(self, *, store: Store, sees: Sees | None = None) -> list[str]:
        """Store what was uploaded and return the ids of all files: showing the form again after an error loses none.

        Call it before the form is looked at: an upload can be read only once. What is not taken in is said at its
        field, and costs neither the other files nor anything that was typed.
        """
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        files, ids = self.files.copy(), []
        refused: list[tuple[str, str]] = []
        for name in self.pack_fields:
            field, key = self.fields[name], self.add_prefix(name)
            if not isinstance(field, FilesField):
                continue
            kept, wrong = kept_files(field, self.data, self.files, key, store=store)
            refused += [(name, why) for why in wrong]
            data.setlist(f"{key}-stored", [each.token for each in kept])
            files.pop(key, None)
            ids += [each.id for each in kept]
            if sees is not None and kept:
                sees([each.id for each in kept], bool(self.data.get(f"{key}-open")))
        self.data, self.files = data, files
        for name, words_of_it in refused:
            self.add_error(name, words_of_it)
        return ids

    def ask_nothing(self) -> None:
        """Show what was typed without a word of what is wrong: it is not sent yet."""
        self.is_valid()
        self.errors.clear()

    def is_news(self, name: str) -> bool:
        """Return whether a field says something else than what was known before."""
        return name not in self.initial or name in self.changed_data

    def by_news(self) -> tuple[list[forms.BoundField], list[forms.BoundField]]:
        """Return the fields to fill in, and those that hold what was known before."""
        fields = [self[name] for name in self.pack_fields]
        return [each for each in fields if each.name not in self.initial], [
            each for each in fields if each.name in self.initial
        ]

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Show what the policy said against it: at the field at fault, else above the form."""
        for refusal in refusals:
            self.add_error(refusal.field if refusal.field in self.fields else None, words(dict(refusal.message)))

    def explain(self, asked: Mapping[str, Refusal]) -> None:
        """Say at each field that the case asks for now why it does."""
        for name, refusal in asked.items():
            if name in self.fields:
                field = self.fields[name]
                field.help_text = " ".join(filter(None, (words(dict(refusal.message)), str(field.help_text))))

    def focus_on_error(self) -> None:
        """Let the first field at fault take the focus."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong is not None:
            self.fields[wrong].widget.attrs["autofocus"] = True


def kept_files(
    field: FilesField, data: Any, files: Any, key: str, *, store: Store
) -> tuple[list[StoredFile], list[str]]:
    """Store what was uploaded into a field; return all its files, and why others are not taken in."""
    kept: list[StoredFile] = []
    refused: list[str] = []
    for each in field.input.value_from_datadict(data, files, key):
        if isinstance(each, StoredFile):
            kept.append(each)
            continue
        try:
            kept.append(stored_file(store(each)))
        except AttachmentRefused as error:
            refused.append(upload_text(error, each.name or ""))
    return kept, refused


def act_form(
    pack: Pack,
    asked: Fields,
    data: Any = None,
    files: Any = None,
    *,
    known: Mapping[str, Any] | None = None,
    hidden: Collection[str] = (),
    people: Mapping[str, str] | None = None,
    departments: Mapping[str, str] | None = None,
    prefix: str | None = None,
) -> ActForm:
    """Return the form of an act: what it needs, then what it may take.

    `known` are the facts that the reader may see: they stand in the fields already. Names in `hidden`
    are known facts that this reader must not see: their fields may stay empty. `people` and
    `departments` (key -> name) are the choices of such fields; without `people` a name is typed.
    """
    return fields_form(
        pack,
        (*asked.needs, *asked.may),
        data,
        files,
        required=asked.needs,
        known=known,
        hidden=hidden,
        people=people,
        departments=departments,
        prefix=prefix,
    )


def fields_form(
    pack: Pack,
    names: Iterable[str],
    data: Any = None,
    files: Any = None,
    *,
    required: Collection[str] = (),
    known: Mapping[str, Any] | None = None,
    hidden: Collection[str] = (),
    people: Mapping[str, str] | None = None,
    departments: Mapping[str, str] | None = None,
    prefix: str | None = None,
    country: str = "",
    one_of: Collection[str] = (),
) -> ActForm:
    """Return a form of these fields of the pack, in this order; `country` is the complainant's, where it is known.

    Of the fields `one_of` at least one is needed, which whoever calls judges.
    """
    country = country or next((str((known or {})[name]) for name in countries(pack) if name in (known or {})), "")
    built: dict[str, PackField] = {}
    for name in dict.fromkeys(name for name in names if pack.fields[name].is_asked):
        field = act_fields.build(
            pack.fields[name],
            pack=pack,
            required=name in required and name not in hidden,
            people=people,
            departments=departments if departments is not None else _departments(pack),
            country=country,
        )
        if name in hidden:
            field.widget.attrs["placeholder"] = _("On file; leave empty to keep it")
        field.is_one_of_several = name in one_of
        built[name] = field
    form_class = type("PackForm", (ActForm,), {**built, "pack_fields": tuple(built)})
    initial = {}
    for name, value in (known or {}).items():
        known_field = built.get(name)
        if known_field is not None and not isinstance(known_field, FilesField) and value is not None:
            initial[name] = known_field.from_json(value)
    form: ActForm = form_class(data, files, initial=initial, prefix=prefix)
    return form


def _departments(pack: Pack) -> dict[str, str]:
    return {id: words(dict(department.title)) for id, department in pack.departments.items()}


def countries(pack: Pack) -> tuple[str, ...]:
    """Return the fields of a policy that name a country."""
    return tuple(name for name, field in pack.fields.items() if field.type is FieldType.COUNTRY)
