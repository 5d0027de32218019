"""Opinion watch: what is said in public, with tone, reach and the case that it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ombud.cases.access.case_access import access_case
from ombud.cases.access.permissions import Permissions
from ombud.cases.errors import NoSuchCase
from ombud.cases.models import Case
from ombud.cases.reading.paging import NotOurs
from ombud.cases.references import normal_reference
from ombud.insight.opinion import mentions
from ombud.insight.opinion.mentions import MentionLine, Said
from ombud.insight.opinion.models import Mention
from ombud.interface.words_field import WordsField
from ombud.organisation.models import Person, words
from ombud.workbench.alarm_chart import chart
from ombud.workbench.figures import known_packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs
from ombud.workbench.reader_state import reader_state_of
from ombud.workbench.register import FilterField, asked

Tone = Mention.Tone
TONES = {  # tone of a pill and icon
    Tone.NEGATIVE: ("bad", "thumbs-down"),
    Tone.NEUTRAL: ("plain", "minus"),
    Tone.POSITIVE: ("good", "thumbs-up"),
}
_WHEN = "%Y-%m-%dT%H:%M"


def _case_of(reference: str, reader: Person, policy: str) -> Case | None:
    """Return the case that a reference names, none for an empty one. Raises ValidationError where it is not theirs."""
    if not reference.strip():
        return None
    normal = normal_reference(reference)
    try:
        case = access_case(reader, normal).case if normal else None
    except NoSuchCase:
        case = None
    if case is None or case.policy != policy:
        raise forms.ValidationError(_("There is no such case under this policy, or you may not see it."))
    return case


class MentionForm(forms.Form):
    """A mention typed in."""

    policy = forms.ChoiceField(label=gettext_lazy("Policy"))
    medium = WordsField(
        label=gettext_lazy("Medium"), max_length=100, help_text=gettext_lazy("Such as X, TikTok, a trade paper")
    )
    words = WordsField(label=gettext_lazy("What is said"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    link = forms.URLField(label=gettext_lazy("Link"), max_length=1000, required=False, assume_scheme="https")
    tone = forms.ChoiceField(label=gettext_lazy("Tone"), choices=Tone.choices)
    reach = forms.IntegerField(
        label=gettext_lazy("Reach"),
        min_value=0,
        max_value=2_000_000_000,
        required=False,
        help_text=gettext_lazy("How many it reached, as the medium counts"),
    )
    published_at = forms.DateTimeField(
        label=gettext_lazy("Published"),
        widget=forms.DateTimeInput(format=_WHEN, attrs={"type": "datetime-local"}),
        input_formats=[_WHEN, "%Y-%m-%dT%H:%M:%S"],
    )
    case = WordsField(
        label=gettext_lazy("Case"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("The number of the case that it is about"),
    )

    def __init__(self, *args: Any, reader: Person, policies: list[tuple[str, str]], now: datetime, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.reader, self.now = reader, now
        choice = self.fields["policy"]
        assert isinstance(choice, forms.ChoiceField), "it is declared so"
        choice.choices = policies

    def clean_published_at(self) -> datetime:
        at: datetime = self.cleaned_data["published_at"]
        if at > self.now or at.year < 1990:
            raise forms.ValidationError(_("Say when it was published: that cannot lie ahead."))
        return at

    def clean_case(self) -> Case | None:
        return _case_of(self.cleaned_data["case"], self.reader, self.cleaned_data.get("policy", ""))


def of(case: Case) -> dict[str, Any]:
    """Return what is said of a case, for its page: how often, and the last with the pill and icon of its tone."""
    number, last = mentions.of_case(case)
    return {"number": number, "last": [(line, *TONES[Tone(line.mention.tone)]) for line in last]}


@desk
def opinion(request: HttpRequest) -> HttpResponse:
    """Show what is said in public, and record more of it."""
    now, reader, known, query = timezone.now(), person(request), known_packs(request), asked(request)
    standing = reader_state_of(request, reader, now=now).permissions
    mine = mentions.policies_of(standing, known)
    policy, tone = query.get("policy", ""), query.get("tone", "")
    if (policy and policy not in mine) or (tone and tone not in Tone.values):
        raise NotOurs(policy or tone)
    titles = [(id, words(dict(known[id].title))) for id in mine]
    about = access_case(reader, query["case"]).case if query.get("case") else None
    form = _form(request, standing, titles, now, about)
    if form is not None and request.method == "POST" and form.is_valid():
        mentions.record(Said(**form.cleaned_data), by=reader, now=now)
        messages.success(request, _("Recorded."))
        return redirect("desk_opinion")
    shown = [policy] if policy else mine
    page = mentions.listed(standing, shown, tone=tone, case=about, cursor=query.get("cursor"))
    weeks = mentions.weeks(shown, now=now)
    context: dict[str, Any] = {
        "lines": [(line, *TONES[Tone(line.mention.tone)], _can_link(standing, line)) for line in page.rows],
        "form": form,
        "about": about,
        "weeks": weeks,
        "chart": chart([(every, None, None) for every, _negative in weeks]) if any(each[0] for each in weeks) else None,
        # The height of all mentions is told as a limit, so that both charts have one scale.
        "negative": chart([(negative, None, every) for every, negative in weeks]).bars,
        "filter_fields": [
            FilterField(name=name, label=label, value=value, choices=choices)
            for name, label, value, choices in (
                ("policy", _("Policy"), policy, titles),
                ("tone", _("Tone"), tone, [(each.value, str(each.label)) for each in Tone]),
            )
            if len(choices) > 1
        ],
        **hrefs(request, page),
    }
    wrong = form is not None and form.errors
    return show(request, "workbench/opinion.html", "opinion", context, now=now, status=422 if wrong else 200)


def _form(
    request: HttpRequest, standing: Permissions, titles: list[tuple[str, str]], now: datetime, about: Case | None
) -> MentionForm | None:
    """Return the form, for the policies of which the reader records mentions; None without any.

    It begins with the case that the page is about.
    """
    own = [(id, title) for id, title in titles if mentions.may_record(standing, id)]
    if not own:
        if request.method == "POST":
            raise Http404
        return None
    data = request.POST if request.method == "POST" else None
    given: dict[str, Any] = {"published_at": timezone.localtime(now)}
    if about is not None:
        given |= {"case": str(about), "policy": about.policy}
    return MentionForm(data, reader=person(request), policies=own, now=now, initial=given)


def _can_link(standing: Permissions, line: MentionLine) -> bool:
    """Return what mentions.may_link says, without asking for each line."""
    is_hidden = line.mention.case_id is not None and line.case is None
    return mentions.may_record(standing, line.mention.policy) and not is_hidden


@require_POST
@desk
def link(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say which case a mention is about."""
    standing = reader_state_of(request, person(request), now=timezone.now()).permissions
    row = Mention.objects.filter(pk=pk, policy__in=mentions.policies_of(standing, known_packs(request))).first()
    if row is None or not mentions.may_link(standing, row):
        raise Http404
    try:
        case = _case_of(request.POST.get("case", "")[:40], person(request), row.policy)
    except forms.ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("desk_opinion")
    mentions.link(row, case)
    messages.success(request, _("Linked.") if case else _("The link was taken away."))
    return redirect("desk_opinion")
