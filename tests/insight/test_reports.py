"""What reports count: periods to the day, each measure against a plain count, hashes that hold, cases without names."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from builders import GRADES, make_case, make_history, shipped_pack
from cast import Cast
from ombud.cases.models import Case, Duty
from ombud.clock import periodic
from ombud.insight import keeping
from ombud.insight.measures import Scope
from ombud.insight.models import Measured
from ombud.insight.reports import drafting, freezing, measuring
from ombud.insight.reports.measuring import MEASURES
from ombud.insight.reports.models import Frozen
from ombud.insight.reports.period import Period
from ombud.insight.spans import Span
from ombud.policy import reports
from ombud.policy.model.reports import Section

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 31, 1, tzinfo=UTC)
EARLIER = Span(begin=datetime(2026, 2, 1, tzinfo=UTC), end=datetime(2026, 3, 1, tzinfo=UTC))
SPAN = Span(begin=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 4, 1, tzinfo=UTC))


def scope(policy: str = "customer-complaints") -> Scope:
    return Scope(reader=None, policy=policy, span=SPAN)


def test_everything_that_policies_may_ask_for_is_counted(db: None) -> None:
    needs = {name: (measure.named[0] if measure.named else None) for name, measure in MEASURES.items()}
    assert needs == dict(reports.MEASURES)


def test_duties_and_late_complaints_are_what_a_plain_count_gives(cast: Cast) -> None:
    make_case()
    make_history(cast, "register")
    make_history(cast, "register")
    keeping.keep(now=NOW)
    rows = list(Case.objects.filter(procedure="complaint"))
    duties = list(Duty.objects.filter(case__in=rows, is_outsiders=False))
    counted = {name: measuring.figure(name, scope(), NOW).value for name in MEASURES}
    assert counted["received"] == len(rows) == 3
    assert counted["met"] == sum(each.status == "met" for each in duties)
    gone = [each for each in duties if each.status in ("ended", "cancelled") and each.breached_at is None]
    assert counted["owed"] == len(duties) - len(gone)
    late = {each.case_id for each in duties if each.breached_at is not None and each.status != "met"}
    assert counted["breached"] == len(late)


@pytest.mark.parametrize("dimension", ["month", "channel", "department", "office", "severity", "category"])
def test_what_is_told_apart_adds_up_to_the_whole(cast: Cast, dimension: str) -> None:
    make_history(cast, "register")
    make_case()
    keeping.keep(now=NOW)
    for name in ("received", "owed", "late", "breached"):
        parts = measuring.by(name, dimension, scope(), NOW)
        assert sum(each.value or 0 for _key, each in parts) == measuring.figure(name, scope(), NOW).value


def test_a_section_of_some_counts_and_lists_those_alone(cast: Cast) -> None:
    other, one = make_case().case, make_history(cast, "register")
    make_case(minutes=-20 * 1440)  # in the period before, and of no category yet
    keeping.keep(now=NOW)
    pack = shipped_pack()
    period = Period(name="2026-03", span=SPAN, name_before="2026-02", before=EARLIER, department=None, office=None)
    title, only = {"en": "Some"}, {"category": GRADES["category"]}
    sections = (
        Section(title=title, figures=("received", "breached")),
        Section(title=title, figures=("received", "breached"), only=only),
        Section(title=title, figures=("received",), by="channel", only=only),
        Section(title=title, cases="received"),
        Section(title=title, cases="received", only=only),
    )
    report = replace(next(iter(pack.reports.values())), sections=sections)
    found = freezing.contents(pack, report, period, other, now=NOW)["sections"]
    of_all, of_some = ({row["measure"]: row["now"]["value"] for row in each["rows"]} for each in found[:2])
    assert (of_all["received"], of_some["received"]) == (2, 1)
    assert [each["rows"][0]["before"]["value"] for each in found[:2]] == [1, 0]
    assert [row["figures"][0]["value"] for row in found[2]["rows"]] == [1]
    assert (found[3]["total"], found[4]["total"]) == (2, 1)
    assert [row["reference"] for row in found[4]["rows"]] == [one.reference]


def test_frozen_figures_keep_to_their_hash_and_their_period(cast: Cast) -> None:
    make_history(cast, "register")
    keeping.keep(now=NOW)
    periodic.open_due(now=NOW)
    drafting.begin_owed(now=NOW)
    keeping.keep(now=NOW)
    frozen = Frozen.objects.get(report__case__received_at=NOW)
    matter = Measured.objects.get(case=frozen.report.case_id)
    assert (matter.grade, "severity" in matter.choices) == ("", False)  # no complaint of the usual grade
    assert hashlib.sha256(freezing.canonical(frozen.content).encode()).hexdigest() == frozen.hash
    assert frozen.content["sections"][0]["rows"][0]["now"]["value"] == 1
    assert frozen.content["begin"] == "2026-03-01T00:00:00+08:00"
    assert frozen.content["end"] == "2026-04-01T00:00:00+08:00"
    assert frozen.content["period_before"] == "2026-02"
