"""The forms of a person: who they are, and a role that they get."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.words_field import WordsField
from ombud.organisation import own_roles
from ombud.organisation.hiring import Place
from ombud.organisation.models import Department, Office, Person, words
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import COMPLAINANT


class PersonForm(forms.Form):
    """Who somebody is."""

    username = WordsField(
        label=gettext_lazy("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=gettext_lazy("To sign in with: letters, digits and @ . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    name_zh = WordsField(label=gettext_lazy("Name of the person in Chinese"), max_length=120, required=False)
    name_en = WordsField(label=gettext_lazy("Name of the person in English"), max_length=120, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False, widget=forms.EmailInput())
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, data: Any, row: Person) -> None:
        kept = {"username": row.username, "email": row.email, "language": row.language}
        names = {f"name_{tag}": row.names.get(tag, "") for tag in ("zh", "en")}
        super().__init__(data, initial={**kept, **names})
        known = [(tag, name) for tag, name in settings.LANGUAGES if tag in settings.OMBUD_DESK_LANGUAGES]
        language: Any = self.fields["language"]
        language.choices = [("", _("as in the browser")), *known]

    def clean(self) -> dict[str, Any]:
        """Want a name in one language at least."""
        given = super().clean() or {}
        if not given.get("name_zh") and not given.get("name_en"):
            self.add_error("name_zh", _("Give the name in one language at least."))
        return given

    @property
    def given(self) -> dict[str, Any]:
        """Return what `hiring.keep` takes."""
        said = self.cleaned_data
        names = {"zh": said["name_zh"], "en": said["name_en"]}
        return {"names": names, **{name: said[name] for name in ("username", "email", "language")}}


class RoleForm(forms.Form):
    """A role to give: of a policy in force or of the organisation, and where."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)
    office = forms.ChoiceField(label=gettext_lazy("Office"), required=False)

    def __init__(self, data: Any, packs: Iterable[Pack]) -> None:
        super().__init__(data)
        self._packs = {pack.id: pack for pack in packs}
        self._departments = {
            f"{row.policy}/{row.key}": row for row in Department.objects.filter(policy__in=self._packs).order_by("id")
        }
        self._offices = {row.key: row for row in Office.objects.order_by("key")}
        role, department, office = (self.fields[name] for name in ("role", "department", "office"))
        role.choices = [("", ""), *self._roles()]  # type: ignore[attr-defined]
        department.choices = [("", _("none, or all")), *self._places()]  # type: ignore[attr-defined]
        office.choices = [("", _("none, or all")), *((key, str(row)) for key, row in self._offices.items())]  # type: ignore[attr-defined]
        if not self._offices:
            del self.fields["office"]

    def _roles(self) -> list[tuple[str, list[tuple[str, str]]]]:
        own = [(f"/{role}", title) for role, title in own_roles.titles().items()]
        found = [(_("The organisation itself"), own)]
        for pack in self._packs.values():
            roles = [role for role in pack.roles.values() if role.id != COMPLAINANT]
            found.append(
                (words(dict(pack.title)), [(f"{pack.id}/{each.id}", words(dict(each.title))) for each in roles])
            )
        return found

    def _places(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (words(dict(pack.title)), [(key, str(row)) for key, row in self._departments.items() if row.policy == id])
            for id, pack in self._packs.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a department of another policy, and one for who stands outside or for the organisation's own roles."""
        given = super().clean() or {}
        policy, _slash, role = given.get("role", "").partition("/")
        department = self._departments.get(given.get("department", ""))
        if department is not None and department.policy != policy:
            self.add_error("department", _("This department is not of the role's policy."))
        elif department is not None and self._packs[policy].roles[role].is_external:
            self.add_error("department", _("Who stands outside the organisation has no department."))
        return given

    @property
    def place(self) -> Place:
        """Return the role that was chosen."""
        policy, _slash, role = self.cleaned_data["role"].partition("/")
        department = self._departments.get(self.cleaned_data["department"])
        office = self._offices.get(self.cleaned_data.get("office", "")) if policy else None
        return Place(policy=policy, role=role, department=department, office=office)
