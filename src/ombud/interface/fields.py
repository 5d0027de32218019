"""One form field per type of a pack's field: its widget, its checks, and its value as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import EmailValidator
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases import attachments
from ombud.cases.models import Attachment
from ombud.cases.references import normal_reference
from ombud.engine.value_errors import Unfit, unreadable, value_of
from ombud.interface import countries
from ombud.interface.languages import choices, own_name
from ombud.interface.money_field import MoneyField, PackField, currency_of
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import Field, FieldType
from ombud.policy.outsiders import part_of
from ombud.policy.values import LONG, MANY, interval
from ombud.policy.vocabulary import ADDRESS, COUNTRY, EMAIL, NAME, PHONE

FEWEST, MOST = 5, 17  # figures of a phone number: short ones as in 10086, and a country's code before the longest
CHOSEN = frozenset({FieldType.BOOL, FieldType.PERSON, FieldType.DEPARTMENT, FieldType.COUNTRY, FieldType.LANGUAGE})
SCALE = 10  # numbers that all show at once
MANY_CHOICES = 7  # from here on a list that opens, below it buttons that show all choices
_SALT = "ombud.attachment"
# What browsers fill in by themselves, by the id of a base field.
_AUTOCOMPLETE = {NAME: "name", PHONE: "tel", EMAIL: "email", ADDRESS: "street-address"}
_INPUT_TYPE = {PHONE: "tel", EMAIL: "email"}
ACCEPTED = "image/*,video/*,audio/*,application/pdf,text/plain,.doc,.docx,.xls,.xlsx,.csv,.eml"


Upload: TypeAlias = "UploadedFile[Any]"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept already, though no act links it yet."""

    id: str
    name: str

    @property
    def token(self) -> str:
        """What the form carries: only who stored the file can name it."""
        return signing.dumps([self.id, self.name], salt=_SALT)

    @classmethod
    def from_token(cls, token: str) -> StoredFile | None:
        """Return the file, or None where the token is forged or older than a day."""
        try:
            id, name = signing.loads(token, salt=_SALT, max_age=24 * 3600)
        except (signing.BadSignature, ValueError):
            return None
        return cls(str(id), str(name))


def stored_file(row: Attachment) -> StoredFile:
    """Return a file that waits for an act, as forms carry it."""
    return StoredFile(str(row.id), *attachments.waiting_names([row]))


class TextField(PackField, forms.CharField):
    """Words, on one line or several."""


class ChoiceField(PackField, forms.ChoiceField):
    """One of a closed list."""


class BoolField(PackField, forms.TypedChoiceField):
    """Yes or no; not said is neither."""

    def from_json(self, value: Any) -> Any:
        """Return the choice that stands for the value."""
        return "yes" if value else "no"


class IntegerField(PackField, forms.IntegerField):
    """A whole number."""


class ScaleField(PackField, forms.TypedChoiceField):
    """A whole number out of a few, such as a rating from 1 to 5."""


class CaseField(TextField):
    """The reference of another case."""

    def as_json(self, value: str) -> str:
        """Return the reference as it is kept; what is none the policy refuses."""
        return normal_reference(value) or value


class DateField(PackField, forms.DateField):
    """A day, with the browser's own calendar."""

    def as_json(self, value: date) -> str:
        """Return the ISO date."""
        return value.isoformat()


class InstantField(PackField, forms.DateTimeField):
    """A day and time in the reader's zone."""

    def as_json(self, value: datetime) -> int:
        """Return epoch seconds."""
        return int(value.timestamp())

    def from_json(self, value: Any) -> datetime:
        """Return the moment in the reader's zone."""
        moment = datetime.fromtimestamp(value, UTC) if isinstance(value, int) else datetime.fromisoformat(value)
        return timezone.localtime(moment)


class ChoicesField(PackField, forms.MultipleChoiceField):
    """Several of a closed list."""


class LinesField(PackField, forms.CharField):
    """A list of words, one a line."""

    def as_json(self, value: str) -> list[str]:
        """Return the lines that hold something."""
        return [line.strip() for line in value.splitlines() if line.strip()]

    def from_json(self, value: Any) -> str:
        """Return one line per item."""
        return "\n".join(str(item) for item in value)


class FilesInput(forms.FileInput):
    """Several files at once, beside those that are kept already (named by signed tokens)."""

    allow_multiple_selected = True
    template_name = "components/files_input.html"
    stored: list[StoredFile]
    asks_who_sees = False  # of staff, whose files are internal unless they say otherwise
    is_open = False

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True, "accept": ACCEPTED, **(attrs or {})})
        self.stored = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the files that are kept already."""
        return {
            **super().get_context(name, None, attrs),
            "stored": self.stored,
            "token_name": f"{name}-stored",
            "asks_who_sees": self.asks_who_sees,
            "open_name": f"{name}-open",
            "is_open": self.is_open,
        }

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Upload | StoredFile]:
        """Return the kept files, then the new ones."""
        tokens = data.getlist(f"{name}-stored") if hasattr(data, "getlist") else []
        self.is_open = bool(data.get(f"{name}-open"))
        self.stored = [file for token in tokens if (file := StoredFile.from_token(token))]
        new = files.getlist(name) if hasattr(files, "getlist") else []
        return [*self.stored, *new]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return whether there is neither a new file nor a kept one."""
        return name not in files and f"{name}-stored" not in data


class FilesField(PackField, forms.FileField):
    """Attachments; the value is a list of uploads and kept files."""

    widget = FilesInput

    @property
    def input(self) -> FilesInput:
        """Return the field's own widget."""
        assert isinstance(self.widget, FilesInput), "made with it"
        return self.widget

    def clean(self, data: Any, initial: Any = None) -> list[Upload | StoredFile]:
        """Return the files; an empty one, or none where some are needed, is an error."""
        if self.required and not data:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(data) > MANY:
            raise ValidationError(_("At most %(number)s files fit here.") % {"number": MANY}, code="too-many")
        for file in data:
            if not isinstance(file, StoredFile) and not file.size:
                raise ValidationError(_("The file “%(name)s” is empty.") % {"name": file.name}, code="empty")
        return list(data)


def build(
    field: Field,
    *,
    pack: Pack,
    required: bool,
    people: Mapping[str, str] | None = None,
    departments: Mapping[str, str] | None = None,
    country: str = "",
) -> PackField:
    """Return the form field for a pack's field; amounts are asked in the currency of the `country` first."""
    common: dict[str, Any] = {
        "label": words(dict(field.title)),
        "help_text": words(dict(field.help)) if field.help else "",
        "required": required,
    }
    built = _BUILDERS[field.type](
        field,
        common,
        people=people,
        departments=departments,
        currency=pack.currency,
        languages=choices(pack),
        country=country,
        said_as=part_of(pack, field.id) or field.id,
        offices_countries=frozenset(each for office in pack.offices.values() for each in office.countries),
    )
    built.kind, built.is_personal = field.type.value, field.is_personal
    built.rule = lambda raw: _problem(pack, field, raw)
    if required:
        built.widget.attrs["aria-required"] = "true"
    built.error_messages |= _error_words(pack, field)
    # The form's own texts are ours and translated; the browser's bubbles follow the browser's language.
    built.widget.is_required = False
    return built


def _error_words(pack: Pack, field: Field) -> dict[str, str]:
    """Return what is said where nothing was given, or what cannot be read: by the field's name, and what to do."""
    title, wrong = words(dict(field.title)), words(dict(unreadable(pack, field)))
    if FieldType.FILES in (field.type, field.item):
        required = _("Please add: {title}").format(title=title)
    elif field.of or field.type in CHOSEN:
        required = _("Please choose: {title}").format(title=title)
    else:
        required = _("Please fill in: {title}").format(title=title)
    if (part_of(pack, field.id) or field.id) == EMAIL:
        wrong = _("Please give a whole e-mail address such as name@example.com")
    missing = dict.fromkeys(("required", "incomplete"), required)
    return missing | dict.fromkeys(("invalid", "invalid_choice", "invalid_list"), wrong)


def _problem(pack: Pack, field: Field, raw: Any) -> str | None:
    """Return what the register says of a value that is given now, where it would not take it."""
    try:
        value_of(pack, field, raw, at=int(timezone.now().timestamp()))
    except Unfit as error:
        return words(dict(error.text))
    return None


def _text(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    said_as = others.get("said_as", field.id)
    attrs = {"dir": "auto"}
    if token := _AUTOCOMPLETE.get(field.id):
        attrs["autocomplete"] = token
    if field.type is FieldType.LONG_TEXT:
        words_of_it = {"data-left-words": _("{n} characters left"), "data-over": _("{n} characters too many")}
        attrs |= {"rows": "4", "data-most": str(LONG), **words_of_it}
        return TextField(**common, widget=forms.Textarea(attrs=attrs))
    widget = forms.TextInput(attrs={**attrs, **({"type": kind} if (kind := _INPUT_TYPE.get(said_as)) else {})})
    if widget.attrs.get("type"):
        widget.input_type = widget.attrs.pop("type")
    built = TextField(**common, widget=widget)
    if said_as == EMAIL:
        built.validators.append(EmailValidator(_("Please give a whole e-mail address such as name@example.com")))
    if said_as == PHONE:
        built.validators.append(_dialled)
    return built


def _dialled(value: str) -> None:
    """Refuse a phone number that nobody could dial: letters where figures belong, too few of them or too many.

    Several numbers and words beside them are fine, such as an extension or whose number it is.
    """
    found = sum(each.isdigit() for each in value)
    if not found >= FEWEST or max(map(len, re.findall(r"\d+", value)), default=0) > MOST:
        raise ValidationError(_("Please give a phone number with all its figures, such as 138 0013 8000"), code="phone")


def _from_list(choices: list[tuple[str, str]], common: dict[str, Any]) -> PackField:
    if len(choices) >= MANY_CHOICES:
        return ChoiceField(**common, choices=[("", _("Please choose")), *choices], widget=forms.Select())
    return ChoiceField(**common, choices=choices, widget=forms.RadioSelect())


def _choice(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    return _from_list([(key, words(dict(title))) for key, title in field.of.items()], common)


def _bool(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    return BoolField(
        **common,
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect(),
    )


def _integer(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    domain = interval(field.domain) if field.domain else None
    if domain and domain.low is not None and domain.high is not None and domain.high - domain.low <= SCALE:
        numbers = [n for n in range(int(domain.low), int(domain.high) + 1) if domain.holds(n)]
        choices = [(str(n), str(n)) for n in numbers]
        return ScaleField(**common, choices=choices, coerce=int, empty_value=None, widget=forms.RadioSelect())
    # No number field: a browser sends nothing for what it cannot read, and what was typed would be lost unseen.
    return IntegerField(**common, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))


def _money(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    usual = currency_of(others[COUNTRY]) or others["currency"]
    return MoneyField(**common, currency=others["currency"], usual=usual)


def _case(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    return CaseField(**common, widget=forms.TextInput(attrs={"autocomplete": "off"}))


def _date(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    return DateField(**common, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


def _instant(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return InstantField(**common, widget=widget)


def _person(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    people = others["people"]
    if people is None:
        return _text(field, common)
    choices = [("", _("Please choose")), *people.items()]
    return ChoiceField(**common, choices=choices, widget=forms.Select())


def _department(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    choices = [("", _("Please choose")), *(others["departments"] or {}).items()]
    return ChoiceField(**common, choices=choices, widget=forms.Select())


def _country(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    choices = [("", _("Please choose")), *countries.choices(others["offices_countries"])]
    attrs = {"autocomplete": "country", "data-search": _("Type to search")}
    return ChoiceField(**common, choices=choices, widget=forms.Select(attrs=attrs))


def _language(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    return _from_list([(tag, own_name(tag)) for tag in field.of] or others["languages"], common)


def _files(field: Field, common: dict[str, Any], **_others: Any) -> PackField:
    return FilesField(**common)


def _list(field: Field, common: dict[str, Any], **others: Any) -> PackField:
    if field.of:
        choices = [(key, words(dict(title))) for key, title in field.of.items()]
        return ChoicesField(**common, choices=choices, widget=forms.CheckboxSelectMultiple())
    if field.item is FieldType.FILES:
        return FilesField(**common)
    if field.item is FieldType.DEPARTMENT:
        return ChoicesField(
            **common, choices=list((others["departments"] or {}).items()), widget=forms.CheckboxSelectMultiple()
        )
    if field.item is FieldType.PERSON and others["people"]:
        return ChoicesField(**common, choices=list(others["people"].items()), widget=forms.CheckboxSelectMultiple())
    return LinesField(**common, widget=forms.Textarea(attrs={"rows": 3}))


_BUILDERS = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.BOOL: _bool,
    FieldType.INTEGER: _integer,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.INSTANT: _instant,
    FieldType.PERSON: _person,
    FieldType.DEPARTMENT: _department,
    FieldType.COUNTRY: _country,
    FieldType.LANGUAGE: _language,
    FieldType.FILES: _files,
    FieldType.CASE: _case,
    FieldType.LIST: _list,
}
