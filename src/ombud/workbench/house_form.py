"""The form of who the company is: name, address and privacy notice by language, logo, seal and colour."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.words_field import WordsField
from ombud.organisation import colours, company
from ombud.organisation.models import House, Person
from ombud.organisation.sender import JPEG, PNG, Sender
from ombud.papers.errors import PaperError
from ombud.papers.letter import LetterPaper, letter_pdf
from ombud.texts import LANGUAGES, same
from ombud.workbench.message_form import name_of

LARGEST = 2 * 1024 * 1024
PICTURES = {
    "logo": gettext_lazy("Logo, on papers and complainants' pages"),
    "seal": gettext_lazy("Seal, below the text of letters"),
}
REMOVED = {"logo": gettext_lazy("Remove the logo"), "seal": gettext_lazy("Remove the seal")}


class PictureField(forms.FileField):
    """A picture that papers can hold; a trial paper is set with it, so that no letter fails because of it."""

    def clean(self, data: Any, initial: Any = None) -> bytes:
        """Return its bytes, empty where none was sent."""
        file: Any = super().clean(data, initial)
        if not file:
            return b""
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("The picture is larger than 2 MB."))
        content: bytes = file.read()
        try:
            if not content.startswith((PNG, JPEG)):
                raise PaperError
            letter_pdf(_trial(content))
        except PaperError as error:
            raise forms.ValidationError(_("Papers cannot hold this picture. Send a PNG or JPEG.")) from error
        return content


class ColourField(forms.CharField):
    """A colour on which white words can be read."""

    def clean(self, value: Any) -> str:
        """Return it as #rrggbb, empty where none was chosen."""
        said = str(super().clean(value)).strip().lower()
        said = f"#{said}" if said and not said.startswith("#") else said
        if said and not colours.is_colour(said):
            raise forms.ValidationError(_("Write a colour as #rrggbb, such as #0b5fa5."))
        if said and (found := colours.contrast(said, "#ffffff")) < colours.AA:
            words = _(
                "White words on {colour} cannot be read well: their contrast is {found}, and {needed} is needed. "
                "The nearest shade that will do is {nearest}."
            )
            near, figures = colours.darkened(said), (_figure(found), _figure(colours.AA))
            raise forms.ValidationError(words.format(colour=said, found=figures[0], needed=figures[1], nearest=near))
        return said


def _figure(contrast: float) -> str:
    return formats.number_format(contrast, decimal_pos=1)


class HouseForm(forms.Form):
    """Who the company is."""

    def __init__(self, data: Any, files: Any, row: House) -> None:
        super().__init__(data, files)
        for tag in LANGUAGES:
            self._add(f"names-{tag}", _("Name of the company ({language})"), tag, row.names, 200)
        for tag in LANGUAGES:
            self._add(f"addresses-{tag}", _("Address ({language})"), tag, row.addresses, 500, rows=2)
        for name, label in PICTURES.items():
            is_kept = bool(row.pk and getattr(row, name))
            kept = _("One is kept; another takes its place.") if is_kept else _("PNG or JPEG, 2 MB at most.")
            widget = forms.FileInput(attrs={"accept": "image/png,image/jpeg"})
            self.fields[name] = PictureField(label=label, required=False, help_text=kept, widget=widget)
            if is_kept:
                self.fields[f"no-{name}"] = forms.BooleanField(label=REMOVED[name], required=False)
        self.fields["colour"] = ColourField(
            label=_("Colour of complainants' pages"), required=False, max_length=7, initial=row.colour,
            help_text=_("As #rrggbb, of buttons and links; the shades for day and night follow from it."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
        )  # fmt: skip
        for tag in LANGUAGES:
            self._add(f"notice-{tag}", _("Privacy notice ({language})"), tag, row.notice, 20_000, rows=6)

    def keep(self, *, by: Person, now: datetime) -> None:
        """Keep what was typed."""
        said = self.cleaned_data
        names, addresses, notice = (
            {tag: said[f"{part}-{tag}"] for tag in LANGUAGES} for part in ("names", "addresses", "notice")
        )
        pictures = {name: said[name] for name in PICTURES if said[name] or said.get(f"no-{name}")}
        company.keep_house(names, addresses, notice, pictures=pictures, colour=said["colour"], by=by, now=now)

    def _add(self, name: str, label: str, tag: str, kept: Any, longest: int, rows: int = 0) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"}) if rows else forms.TextInput(attrs={"dir": "auto"})
        self.fields[name] = WordsField(
            label=label.format(language=name_of(tag)), required=False, max_length=longest, initial=kept.get(tag, ""),
            widget=widget,
        )  # fmt: skip


def _trial(picture: bytes) -> LetterPaper:
    sender = Sender(names=same("-"), addresses={}, logo=picture, seal=picture)
    return LetterPaper(
        sender=sender, language="en", policy="", reference="", date="", title="", body="", verify_at="-",
        written_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
