"""Courses: who owes which and until when, what was held with who took part, recording and taking back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ombud.cases.reading import courses as reading
from ombud.cases.reading.course_holders import Held, held_by, is_of
from ombud.cases.reading.courses import DONE, MISSED, OWED
from ombud.interface.words_field import WordsField
from ombud.organisation import courses as recording
from ombud.organisation.courses import LONGEST, CourseError
from ombud.organisation.models import Person, words
from ombud.organisation.sessions import TrainingSession
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.register import asked

STATES = {
    DONE: ("good", gettext_lazy("took part")),
    OWED: ("warn", gettext_lazy("still to come")),
    MISSED: ("bad", gettext_lazy("missed last time")),
}
PROBLEMS = {
    "course": gettext_lazy("The policy knows no such course."),
    "date": gettext_lazy("It cannot have been held in the future."),
    "contents": gettext_lazy("Say what was taught."),
    "people": gettext_lazy("Say who took part."),
    "reason": gettext_lazy("Say why it is taken back."),
    "cancelled": gettext_lazy("It was taken back already."),
}


@desk
def courses(request: HttpRequest) -> HttpResponse:
    """Show who owes which course and what was held; whoever keeps the records enters what was."""
    now, reader, query = timezone.now(), person(request), asked(request)
    known = {pack.id: pack for _version, pack in packs.visible(reader, now=now) if pack.courses}
    pack = known.get(query.get("policy", "")) or next(iter(known.values()), None)
    context: dict[str, Any] = {"policies": [(id, words(dict(each.title))) for id, each in known.items()], "pack": pack}
    status = 200
    if pack is not None:
        held = held_by(reader, pack)
        form = _form(request, pack, held, reader)
        if request.method == "POST":
            if form is None:
                raise PermissionDenied
            if form.is_valid() and form.keep(now):
                messages.success(request, _("Recorded."))
                return redirect(f"{reverse('desk_courses')}?policy={pack.id}")
            status = 422
        page = reading.sessions(reader, pack, held, cursor=query.get("cursor"))
        context |= {
            "form": form,
            "standings": [(each, *STATES[each.status]) for each in reading.standings_for(reader, pack, held, now=now)],
            "sessions": [(row, _title(pack, row.course), _is_theirs(row, held)) for row in page.rows],
            **hrefs(request, page),
        }
    return show(request, "workbench/courses.html", "training", context, now=now, status=status)


@require_POST
@desk
def cancel(request: HttpRequest, session: int) -> HttpResponse:
    """Take a session back, with the reason."""
    reader = person(request)
    row = TrainingSession.objects.filter(pk=session).first()
    if row is None:
        raise Http404
    pack = {pack.id: pack for _version, pack in packs.visible(reader, now=timezone.now())}.get(row.policy)
    if pack is None or not _is_theirs(row, held_by(reader, pack)):
        raise PermissionDenied
    try:
        recording.cancel(row, reason=request.POST.get("reason", ""), by=reader, now=timezone.now())
    except CourseError as error:
        messages.error(request, str(PROBLEMS[str(error)]))
    else:
        messages.success(request, _("Taken back. Nobody has taken part in it any more."))
    return redirect(f"{reverse('desk_courses')}?policy={row.policy}")


def _title(pack: Pack, course: str) -> str:
    return words(dict(pack.courses[course].title)) if course in pack.courses else course


def _is_theirs(row: TrainingSession, held: Held) -> bool:
    """Return whether a session is the reader's to take back."""
    return is_of(held, row.course, frozenset(each.person_id for each in row.attendances.all()))


def _form(request: HttpRequest, pack: Pack, held: Held, reader: Person) -> SessionForm | None:
    """Return the form for whoever enters sessions."""
    if not held:
        return None
    first = pack.courses[next(iter(held))]
    data = request.POST if request.method == "POST" else None
    initial = {"contents": words(dict(first.contents)) if first.contents else "", "minutes": 60}
    return SessionForm(data, pack=pack, held=held, reader=reader, initial=initial)


class SessionForm(forms.Form):
    """A course that was held."""

    course = forms.ChoiceField(label=gettext_lazy("Course"))
    held_on = forms.DateField(
        label=gettext_lazy("Held on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    contents = WordsField(
        label=gettext_lazy("What was taught"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    trainer = WordsField(label=gettext_lazy("Trainer"), max_length=200)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=10_000)
    people = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Who took part"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, pack: Pack, held: Held, reader: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pack, self.held, self.reader = pack, held, reader
        self.fields["people"].is_ticked_at_once = True  # type: ignore[attr-defined]  # lists of a whole office
        people = Person.objects.filter(is_active=True, memberships__policy=pack.id).distinct().order_by("username")
        if None not in held.values():
            people = people.filter(pk__in=frozenset[int]().union(*(each or () for each in held.values())))
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        self.fields["course"].choices = [  # type: ignore[attr-defined]
            (course.id, words(dict(course.title))) for course in pack.courses.values() if course.id in held
        ]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        people = frozenset(each.pk for each in said.get("people") or ())
        if said.get("course") and not is_of(self.held, said["course"], people):
            self.add_error("people", _("Tick those of your office alone."))
        return said

    def keep(self, now: datetime) -> bool:
        """Record it; where that is refused, say why and return False."""
        data = self.cleaned_data
        try:
            recording.hold(
                self.pack.id,
                data["course"],
                held_on=data["held_on"],
                contents=data["contents"],
                trainer=data["trainer"],
                minutes=data["minutes"],
                people=list(data["people"]),
                by=self.reader,
                now=now,
            )
        except CourseError as error:
            self.add_error(None, PROBLEMS[str(error)])
            return False
        return True
