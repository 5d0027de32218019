"""The form of a way: to whom, by what, what is told there, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from ombud.interface.words_field import WordsField
from ombud.notices.alerts import addresses, ways
from ombud.notices.alerts.models import Way
from ombud.notices.alerts.post import post
from ombud.notices.alerts.wording import TOPICS
from ombud.organisation.models import Department, Office, Person, words
from ombud.policy.model.pack import Pack

PROBLEMS = {
    "mail": gettext_lazy("This is no e-mail address."),
    "address": gettext_lazy("This is no address such as https://\u2026: copy the whole of what the provider shows."),
    "scheme": gettext_lazy("The address must begin with https://."),
    "unknown": gettext_lazy("Nobody is found under this name. Is it spelt right?"),
    "private": gettext_lazy("It leads into a private network. Whoever runs the installation can allow it."),
    "other": gettext_lazy("This address is not one of the chosen service."),
}
WEEKDAYS = [
    (0, gettext_lazy("Monday")),
    (1, gettext_lazy("Tuesday")),
    (2, gettext_lazy("Wednesday")),
    (3, gettext_lazy("Thursday")),
    (4, gettext_lazy("Friday")),
    (5, gettext_lazy("Saturday")),
    (6, gettext_lazy("Sunday")),
]


def _clock(label: Any, **more: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=False, widget=widget, **more)


class WayForm(forms.Form):
    """A way of somebody's own."""

    kind = forms.ChoiceField(label=gettext_lazy("By what"))
    address = WordsField(
        label=gettext_lazy("Address"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "An e-mail address, or the whole address (webhook) that the service shows for the robot"
        ),
    )
    secret = WordsField(
        label=gettext_lazy("Signing secret"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Where the robot is set to check signatures"),
    )
    name = WordsField(label=gettext_lazy("Name"), required=False, max_length=100)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("What is told"),
        choices=[(topic, title) for topic, (title, _kinds) in TOPICS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    rhythm = forms.ChoiceField(label=pgettext_lazy("in which rhythm", "When"), choices=Way.Rhythm.choices)
    weekday = forms.TypedChoiceField(label=gettext_lazy("On"), choices=WEEKDAYS, coerce=int, required=False)
    at = _clock(pgettext_lazy("time of day", "At"))
    quiet_from = _clock(gettext_lazy("Quiet from"))
    quiet_until = _clock(gettext_lazy("Quiet until"))
    tz = forms.ChoiceField(label=gettext_lazy("Time zone"))
    language = forms.ChoiceField(label=gettext_lazy("Language"))

    def __init__(self, data: Any = None, *, way: Way, zone: str) -> None:
        self.way = way
        super().__init__(data, initial=_initial(way, zone))
        kinds = [each for each in Way.Kind.choices if each[0] != Way.Kind.MAIL or post() is not None]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["language"].choices = _languages()  # type: ignore[attr-defined]
        self.fields["tz"].choices = [(each, each) for each in _zones(way, zone)]  # type: ignore[attr-defined]
        if not way._state.adding:
            self.fields["address"].required = False
            self.fields["address"].help_text = _("Empty: it stays {hint}").format(hint=addresses.hint(way))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("quiet_from")) != bool(data.get("quiet_until")):
            self.add_error("quiet_until", _("Quiet hours have a beginning and an end."))
        if data.get("kind") and not data.get("address") and data["kind"] != self.way.kind:
            self.add_error("address", _("Another service needs its own address."))
        return data

    def keep(self, by: Person, now: datetime) -> bool:
        """Store the way; where its address cannot be one, say why and return False."""
        data = dict(self.cleaned_data)
        address, secret = data.pop("address"), data.pop("secret")
        if not address:
            address, known = addresses.of(self.way)
            secret = secret or known
        data["weekday"] = data["weekday"] or 0
        for name, value in data.items():
            setattr(self.way, name, value)
        try:
            addresses.put(self.way, address, secret)
        except addresses.WrongAddress as error:
            self.add_error("address", PROBLEMS[error.code])
            return False
        ways.keep(self.way, by=by, now=now)
        return True


class GroupForm(WayForm):
    """A way of those who hold a role, or are of a department or office."""

    whose = forms.ChoiceField(label=gettext_lazy("Whose"), help_text=gettext_lazy("Told whatever one of them is told"))
    field_order = ("whose",)

    def __init__(self, data: Any = None, *, way: Way, zone: str, known: Iterable[Pack]) -> None:
        super().__init__(data, way=way, zone=zone)
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            ("", "\u2014"),
            *((words(dict(pack.title)), list(_groups(pack))) for pack in known),
        ]
        if not self.way._state.adding:
            self.initial["whose"] = whose(self.way)

    def keep(self, by: Person, now: datetime) -> bool:
        policy, kind, key = self.cleaned_data.pop("whose").split("|")
        self.way.policy, self.way.role = policy, key if kind == "role" else ""
        self.way.department = Department.objects.get(policy=policy, key=key) if kind == "department" else None
        self.way.office = Office.objects.get(key=key) if kind == "office" else None
        return super().keep(by, now)


def whose(way: Way) -> str:
    """Return which group a way is of, as the form says it."""
    if way.role:
        return f"{way.policy}|role|{way.role}"
    if way.department is not None:
        return f"{way.policy}|department|{way.department.key}"
    return f"{way.policy}|office|{way.office.key}" if way.office is not None else f"{way.policy}||"


def group_title(way: Way, known: Iterable[Pack]) -> str:
    """Return the words for whose a group's way is."""
    for pack in known:
        if pack.id == way.policy:
            return f"{words(dict(pack.title))} \u00b7 {dict(_groups(pack)).get(whose(way), way.role)}"
    return way.policy


def _groups(pack: Pack) -> Iterable[tuple[str, str]]:
    yield f"{pack.id}||", _("Everybody")
    for kind, found in (("department", pack.departments), ("office", pack.offices)):
        yield from ((f"{pack.id}|{kind}|{each.id}", words(dict(each.title))) for each in found.values())
    for role in pack.roles.values():
        if not role.is_external:
            yield f"{pack.id}|role|{role.id}", _("Role: {role}").format(role=words(dict(role.title)))


def _initial(way: Way, zone: str) -> dict[str, Any]:
    if not way._state.adding:
        names = ("kind", "name", "topics", "rhythm", "weekday", "at", "quiet_from", "quiet_until", "tz", "language")
        return {name: getattr(way, name) for name in names}
    person = way.person
    read = person.language if person is not None and person.language in dict(_languages()) else get_language()
    usual = {"topics": list(TOPICS), "language": read, "tz": zone, "at": "08:00"}
    return {**usual, "address": person.email} if person is not None and post() is not None else usual


def _languages() -> list[tuple[str, str]]:
    """Return the languages that staff are told in: those of the desk, each by its own name."""
    return [(code, name) for code, name in settings.LANGUAGES if code in settings.OMBUD_DESK_LANGUAGES]


def _zones(way: Way, zone: str) -> list[str]:
    """Return the zones to choose from: the reader's, those of the offices, the installation's."""
    offices = Office.objects.values_list("tz", flat=True)
    return sorted({zone, way.tz or zone, settings.TIME_ZONE, *offices} - {""})
