"""The rows of a pile of slips: each a short form of its own, whose words become subject and narrative."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.channels.filing import SUBJECT_LENGTH
from ombud.interface.act_form import ActForm, fields_form
from ombud.interface.fields import StoredFile
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import fields_of_others
from ombud.policy.vocabulary import (
    CHANNEL,
    COMPLAINANT,
    EVIDENCE,
    LANGUAGE,
    NAME,
    NARRATIVE,
    PHONE,
    RECEIVE,
    SUBJECT,
)

ROWS = 5  # that wait empty
MOST = 50  # of one page: what it sends stays within what one request may hold
KEY, SCANS = "slip", "scans"
ANONYMOUS = "anonymous"
ASKED = (NARRATIVE, NAME, PHONE, EVIDENCE)  # in this order, of what the policy's first act may take


class AnonymousForm(forms.Form):
    """Whether a complaint names nobody, on purpose."""

    anonymous = forms.BooleanField(required=False, label=gettext_lazy("Anonymous"))

    @property
    def is_said(self) -> bool:
        """Return whether it is, of a form that is valid."""
        return bool(self.cleaned_data[ANONYMOUS])

    def is_fit_for(self, form: ActForm) -> bool:
        """Return whether no name was typed beside it; says so at the name."""
        is_fit = self.is_valid() and not (self.is_said and form.cleaned_data.get(NAME))
        if not is_fit:
            form.add_error(NAME, _("Either a name, or anonymous."))
        return is_fit


@dataclass(kw_only=True, slots=True)
class Slip:
    """One row: its key, which also begins the names of its fields, and its two forms."""

    key: str
    form: ActForm
    about: AnonymousForm

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was written in the row and no scan lies in it."""
        said = self.form.data
        names = [self.form.add_prefix(name) for name in self.form.pack_fields]
        return not any(said.get(name, "").strip() or said.get(f"{name}-stored") for name in names) and not any(
            name in self.form.files for name in names
        )

    def is_valid(self) -> bool:
        """Return whether the row can be recorded; each field says what is wrong with it."""
        return self.form.is_valid() and self.about.is_fit_for(self.form)

    def data(self) -> dict[str, Any]:
        """Return what is recorded of the row."""
        said = self.form.act_data()
        if SUBJECT not in said and NARRATIVE in said:
            said[SUBJECT] = said[NARRATIVE].strip().splitlines()[0][:SUBJECT_LENGTH]
        return said


def rows(pack: Pack, sent: QueryDict | None, files: Any) -> list[Slip]:
    """Return the rows that were sent; without any, none."""
    keys = dict.fromkeys(sent.getlist(KEY)[:MOST]) if sent is not None else {}
    return [_row(pack, key[:50], sent, files) for key in keys if key]


def with_room(pack: Pack, known: list[Slip]) -> list[Slip]:
    """Return the rows with so many that are empty after them that one never waits for more."""
    wanted = min(ROWS - sum(1 for each in known if each.is_empty), MOST - len(known))
    return known + [_row(pack, secrets.token_urlsafe(12), None, None) for _n in range(wanted)]


def deal(sent: QueryDict, tokens: list[str], pack: Pack) -> tuple[QueryDict, list[str]]:
    """Return what was sent with the scans of the pile given to the rows, one to each that has none, and those left.

    A row is made for each scan as long as the page has room; what is left waits for the next time. Where the policy
    takes no files with a complaint, nothing is dealt.
    """
    dealt = sent.copy()
    dealt.setlist(f"{SCANS}-stored", [])
    keys, left = dealt.getlist(KEY)[:MOST], []
    waiting: Iterator[str] = iter([key for key in keys if not dealt.get(f"{key}-{EVIDENCE}-stored")])
    for token in tokens if EVIDENCE in _asked(pack) else ():
        key = next(waiting, "")
        if not key and len(keys) == MOST:
            left.append(token)
            continue
        if not key:
            key = secrets.token_urlsafe(12)
            keys.append(key)
        dealt.setlist(f"{key}-{EVIDENCE}-stored", [token])
    dealt.setlist(KEY, keys)
    return dealt, left


def in_order(tokens: list[str]) -> list[str]:
    """Return the tokens of scans by the names of their files, 2 before 10; what is no token of ours is left out."""
    named = [(file.name, token) for token in tokens if (file := StoredFile.from_token(token))]
    return [token for name, token in sorted(named, key=lambda each: (_number(each[0]), each[0]))]


def _number(name: str) -> int:
    figures = "".join(each for each in name if each in "0123456789")
    return int(figures[:18]) if figures else 0


def _row(pack: Pack, key: str, sent: Any, files: Any) -> Slip:
    asked = _asked(pack)
    required = [name for name in pack.main.acts[RECEIVE].needs if name in asked]
    form = fields_form(pack, asked, sent, files, required=[*required, *_words(asked)], prefix=key)
    for field in form.fields.values():
        field.help_text = ""  # said to complainants; whoever types in a pile has read it
    if NARRATIVE in form.fields:
        form.fields[NARRATIVE].widget.attrs["rows"] = 2
    return Slip(key=key, form=form, about=AnonymousForm(sent, prefix=key))


def _words(asked: Mapping[str, None]) -> list[str]:
    return [NARRATIVE] if NARRATIVE in asked else []


def _asked(pack: Pack) -> dict[str, None]:
    """Return the fields of a row: what a slip says, and whatever else the policy's first act cannot be without."""
    act = pack.main.acts[RECEIVE]
    others = {CHANNEL, LANGUAGE} | fields_of_others(pack, COMPLAINANT)
    takes = {*act.needs, *act.may}
    first = [name for name in ASKED if name in takes]
    needs = [name for name in act.needs if name not in others and (name != SUBJECT or NARRATIVE not in takes)]
    return dict.fromkeys([*first[:1], *needs, *first[1:]])
