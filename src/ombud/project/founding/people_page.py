"""The page on which a list of people is handed in."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from ombud.channels import workbooks
from ombud.interface.words_field import WordsField
from ombud.organisation import own_roles
from ombud.organisation.hiring import HiringError
from ombud.organisation.models import words
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT
from ombud.project.founding import people_list
from ombud.project.founding.page import need_administrator
from ombud.project.founding.people_list import ListError
from ombud.workbench import again, packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.person_page import PROBLEMS

LARGEST = 1024 * 1024
ZIP = b"PK\x03\x04"  # how a workbook begins


class ListFileField(forms.FileField):
    """A list in a file, as the text of a table; empty where none was sent."""

    def clean(self, data: Any, initial: Any = None) -> str:
        """Return the text, in UTF-8 or as spreadsheets in Chinese write it; of a workbook that of its first sheet."""
        file: Any = super().clean(data, initial)
        if not file:
            return ""
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        content: bytes = file.read()
        if content.startswith(ZIP):
            return _first_sheet(content)
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise forms.ValidationError(_("This is no file of text. Save the list as CSV."))


def _first_sheet(content: bytes) -> str:
    """Return the first sheet of a workbook as a spreadsheet copies it. Raises ValidationError."""
    said = io.StringIO()
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as book:
        book.write(content)
        book.flush()
        try:
            csv.writer(said, delimiter="\t").writerows(row.cells for row in workbooks.rows_of(Path(book.name)))
        except (workbooks.Unopened, zipfile.BadZipFile) as error:
            raise forms.ValidationError(_("This workbook cannot be opened. Save the list as CSV.")) from error
    return said.getvalue()


class ListForm(forms.Form):
    """A list, and the policy whose roles it names."""

    policy = forms.ChoiceField(label=gettext_lazy("Policy"))
    words = WordsField(
        label=gettext_lazy("The list, as copied from a spreadsheet"), required=False, max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "dir": "auto"}),
    )  # fmt: skip
    file = ListFileField(
        label=gettext_lazy("Or a CSV or XLSX file"), required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,text/csv"}),
    )  # fmt: skip

    def __init__(self, data: Any, files: Any, known: list[Pack]) -> None:
        super().__init__(data, files)
        self.known = {pack.id: pack for pack in known}
        self.fields["policy"].choices = [(pack.id, words(dict(pack.title))) for pack in known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Read the list."""
        given = super().clean() or {}
        if not self.errors:
            try:
                given["entries"] = people_list.read(given["file"] or given["words"], self.known[given["policy"]])
            except ListError as error:
                for problem in error.problems[:20]:
                    self.add_error(None, problem)
        return given


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def people(request: HttpRequest) -> HttpResponse:
    """Take a list of people in, once there is a policy whose roles it can name."""
    need_administrator(request)
    now = timezone.now()
    known = [pack for _version, pack in packs.in_force(now=now)]
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ListForm(data, files, known)
    if request.method == "POST" and form.is_valid():
        try:
            count = people_list.add(form.cleaned_data["entries"], by=person(request), now=now)
        except HiringError as error:
            form.add_error(None, str(PROBLEMS[error.code]))
        else:
            said = ngettext("{n} person added.", "{n} people added.", count).format(n=count)
            messages.success(request, said)
            return redirect("desk_founding")
    context = {"form": form, "packs": [(pack, _roles(pack)) for pack in known], "own": own_roles.titles()}
    return show(request, "founding/people.html", "founding", context, now=now, status=422 if form.errors else 200)


def _roles(pack: Pack) -> list[Any]:
    return [role for key, role in pack.roles.items() if key != COMPLAINANT and not role.is_external]
