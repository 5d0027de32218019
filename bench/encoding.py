"""A story as rows: the projections once, then events, keys and words anew for each of its complainants."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from django.db import models

from bench.rows import Row, columns, reader
from bench.stories import Plot, Teller
from ombud.cases import contacts, eventlog, outbox, projections
from ombud.cases.models import Case, Duty, Event, Grade, Participation, WakeUp
from ombud.notices.models import Notice
from ombud.privacy.models import BlindIndex, Complainant

MODELS: tuple[type[models.Model], ...] = (
    Complainant, Case, Event, BlindIndex, Duty, Grade, Participation, WakeUp, Notice,
)  # fmt: skip
OWN = ("name", "phone", "subject", "narrative")  # what differs between the complainants of a story
Batch = dict[str, list[Row]]
SEARCH = "cases_search"


class Encoder:
    """Turns plots into rows of every table."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self._read = {model: reader(model) for model in MODELS}
        self._duty_case = columns(Duty).index("case_id")

    def batch(self, first: int, plots: Sequence[Plot], copies: int) -> Batch:
        """Return the rows of `copies` cases for each plot, the cases numbered from `first`."""
        rows: Batch = {table: [] for table in (*(model._meta.db_table for model in MODELS), SEARCH)}
        for n, plot in enumerate(plots):
            self._story(rows, first + n * copies, plot, copies)
        return rows

    def _story(self, rows: Batch, first: int, plot: Plot, copies: int) -> None:
        draft = self.teller.live(plot)
        case, state, roster, pack = draft.case, draft.state, draft.roster, draft.pack
        case.pk = first
        projection = projections.project(case, state, roster)
        projection.viewers |= outbox.viewers(draft.notifications, state, roster)
        projections.apply(case, projection)
        later = projections.words_of(pack, draft.events[1:])
        duties = [self._read[Duty](duty) for duty in projection.duties]
        dice = random.Random(plot.seed)
        for pk in range(first, first + copies):
            received, said = draft.events[0], self.teller.said(plot, dice)
            told = replace(received, data={**received.data, **{name: said[name] for name in OWN if name in said}})
            fresh = self.teller.open(plot)
            complainant = fresh.complainant
            assert complainant is not None  # only a case of old has none
            mine = fresh.case
            mine.pk, mine.complainant_id, mine.summary = pk, complainant.pk, {}
            projections.apply(mine, projection)
            log, previous = [], ""
            for event in (told, *draft.events[1:]):
                log.append(eventlog.encode(event, mine, pack=pack, vault=fresh.vault, files={}, previous=previous))
                previous = log[-1].hash
            projections.summarise(mine, log)
            mine.seq, mine.head = log[-1].seq, previous
            viewers = projection.viewers | projections.viewers_of_actors(mine.policy, log)
            facts = {**state.facts, **{name: said[name] for name in OWN if name in said}}
            known = contacts.noted(pack, [told, *draft.events[1:]], facts, state.office)
            self._add(rows, Complainant, [complainant])
            self._add(rows, Case, [mine])
            self._add(rows, Event, log)
            self._add(rows, BlindIndex, contacts.rows(complainant, known))
            place = self._duty_case
            rows[Duty._meta.db_table] += [(*row[:place], pk, *row[place + 1 :]) for row in duties]
            self._add(rows, Grade, projections.grade_rows(mine, mine.grades))
            self._add(rows, Participation, projections.participations(mine, viewers))
            if projection.wake_at is not None:
                self._add(rows, WakeUp, [WakeUp(case=mine, at=projection.wake_at)])
            self._add(rows, Notice, list(_notices(mine, viewers)))
            words = {*later, *projections.words_of(pack, [told]), *projections.reference_words(mine.reference)}
            words |= set(projections.known_words(known))
            marks = [*projections.state_marks(mine), *projections.viewer_marks(viewers)]
            rows[SEARCH].append((projections.key_of(mine), " ".join([*words, *marks])))

    def _add(self, rows: Batch, model: type[models.Model], instances: Sequence[models.Model]) -> None:
        rows[model._meta.db_table] += map(self._read[model], instances)


def _notices(case: Case, viewers: set[str]) -> list[Notice]:
    """Return one notice, read long ago, for everybody who had the case: the lists of years of work."""
    return [
        Notice(
            person_id=int(viewer[1:]), case=case, kind=Notice.Kind.ACT, act="receive", at=case.received_at,
            read_at=case.received_at, dedupe=f"bench/{case.pk}/{viewer}",
        )
        for viewer in viewers
        if viewer[0] == "p"
    ]  # fmt: skip
