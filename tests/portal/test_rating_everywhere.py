"""Whichever policy handled a complaint, whoever complained can rate it on their page once it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from builders import assert_refolds, publish_policy
from ombud.cases.drafts import append, open_draft
from ombud.cases.models import Case, Event
from ombud.cases.references import new_secret, secret_digest
from ombud.engine import fold
from ombud.engine.model import Outcome
from ombud.engine.scenario.run import Story
from ombud.organisation import editions
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.vocabulary import CHANNEL
from shipped_packs import pack_of

POLICIES = ("customer-complaints", "overseas-customers", "student-complaints", "training-service", "user-complaints")
RATE = "rate"
pytestmark = [pytest.mark.django_db, pytest.mark.either_database]


def handled(pack: Pack) -> Story:
    """Return the story of a complaint of the pack's scenarios that was handled to the end and has not been rated."""
    for scenario in pack.scenarios:
        told = Story(pack, scenario.story)
        is_over = told.state.ended and told.state.phase in pack.main.acts[RATE].from_phases
        is_rated = RATE in {event.act for event in told.events}
        if scenario.story["procedure"] == MAIN and is_over and not is_rated and not (told.openings or told.records):
            return told
    raise AssertionError("every pack has such a story")


def written(policy: str) -> tuple[Case, str, datetime]:
    """Return such a complaint as it lies in the register, its tracking code, and an hour after its end."""
    version, story, secret = publish_policy(policy), handled(pack_of(policy)), new_secret()
    edition = editions.current()
    assert edition is not None
    began, ended = (datetime.fromtimestamp(story.events[place].recorded, UTC) for place in (0, -1))
    draft = open_draft(
        version, edition.pk, procedure=MAIN, channel=str(story.state.facts.get(CHANNEL, "")), language="zh",
        office=story.state.office, secret=secret_digest(secret), source=None, at=began, now=ended,
    )  # fmt: skip
    draft.state = fold(
        draft.state.program, story.events, office=draft.state.office
    )  # under the calendars of the register
    draft.keep(Outcome(events=tuple(story.events)))
    append([draft], is_telling=False)
    return draft.case, secret, ended + timedelta(hours=1)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_complainant_rates_what_was_done_once_it_is_over(policy: str, client: Client) -> None:
    with time_machine.travel(datetime(2026, 1, 2, tzinfo=UTC), tick=False) as clock:
        case, secret, now = written(policy)
        clock.move_to(now)
        entered = client.post("/track/", {"reference": case.reference, "secret": secret}, follow=True)
        rate = f"/track/{case.reference}/do/rate/"
        assert rate in entered.content.decode()
        form = client.get(rate).context["form"]
        (worst, _), *_ = form.fields["rating"].choices
        assert client.post(rate, {"rating": worst, "seen": case.seq}).status_code == 302
    (event,) = Event.objects.filter(case=case, act=RATE)
    assert event.data["rating"] in (worst, int(worst) if worst.isdigit() else worst)
    before, case = case.phase, Case.objects.get(pk=case.pk)
    assert case.phase == before
    assert_refolds(case)
