"""Quiet time: a rung passes at its instant, word of it waits for the morning of whoever is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ombud.engine import check_story, compile_program, fold, replay_story
from ombud.engine.compiling import shipped_edition
from ombud.engine.quiet import after_quiet
from ombud.engine.scenario.run import Story
from ombud.policy import load_sources
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Quiet
from ombud.worktime import CalendarSpec, bake
from ombud.worktime.spec import WHOLE_DAY

PACK = """\
pack: {id: quiet, version: 1.0.0, effective: 2026-01-01}
clauses: {"1": {kind: duty, zh: 一, en: One}}
counting: {hour: clock, calendar: office, cite: "1"}
calendars:
  office: {tz: Asia/Shanghai, week: {mon-fri: "09:00-18:00"}, days: CN, cite: "1"}
  berlin: {tz: Europe/Berlin, week: {mon-fri: "09:00-18:00"}, days: DE, cite: "1"}
departments:
  europe: {calendar: berlin, cite: "1"}
roles:
  desk: {boss: head}
  head: {boss: board, quiet: "22:00-07:00"}
  abroad: {in: europe, boss: head, quiet: ["22:00-24:00", "00:00-08:00"]}
  board: {}
  complainant: {external: true}
channels: {phone: {kind: phone, cite: "1"}}
phases: {new: {start: true}, open: {}, closed: {end: true}}
acts:
  receive: {by: desk, from: new, to: open, needs: channel, cite: "1"}
  answer: {by: desk, from: open, to: closed, cite: "1"}
  remind: {by: clock, from: open, cite: "1"}
duties:
  answer: {bearer: desk, after: receive, do: answer, within: 6 h, cite: "1",
           breach: [{at: -1 h, tell: [bearer, head]}, {at: 0, tell: [boss, abroad, board]},
                    {at: 1 h, act: remind, tell: head}]}
"""


def pack_of(text: str = PACK) -> Pack:
    return load_sources({"pack.yaml": text})


def story(received: str, *, now: str, **expect: object) -> dict[str, object]:
    step = {"at": received, "act": "receive", "by": "desk", "data": {"channel": "phone"}}
    return {"log": [step], "now": now, "expect": {"duties": {"answer": expect}}}


def test_each_of_those_told_waits_for_their_own_morning_and_the_breach_stands_at_its_instant() -> None:
    """Received 17:30: due 23:30, which is 16:30 in Berlin; the warning at 22:30 already lies in the head's night."""
    told = story(
        "2026-03-03T17:30+08:00",
        now="2026-03-04T06:00+08:00",
        status="overdue",
        due_at="2026-03-03T23:30+08:00",
        breached_at="2026-03-03T23:30+08:00",
        rungs={
            "2026-03-03T22:30+08:00": ["desk", {"head": "2026-03-04T07:00+08:00"}],
            "2026-03-03T23:30+08:00": ["abroad", "board", {"head": "2026-03-04T07:00+08:00"}],
            "2026-03-04T00:30+08:00": ["head", "remind"],  # what acts waits for nobody
        },
    )
    assert check_story(pack_of(), told) == []


def test_quiet_time_goes_by_the_clock_where_the_role_is() -> None:
    """Received 07:00 in Shanghai: due 13:00 there, which is 06:00 in Berlin; the quiet of the night ends at 08:00."""
    told = story(
        "2026-03-03T07:00+08:00",
        now="2026-03-03T13:30+08:00",
        status="overdue",
        rungs={
            "2026-03-03T12:00+08:00": ["desk", "head"],
            "2026-03-03T13:00+08:00": ["board", "head", {"abroad": "2026-03-03T15:00+08:00"}],
        },
    )
    assert check_story(pack_of(), told) == []


def test_who_is_told_when_is_compared() -> None:
    told = story(
        "2026-03-03T17:30+08:00",
        now="2026-03-03T23:00+08:00",
        status="open",
        rungs={"2026-03-03T22:30+08:00": ["desk", "head"]},
    )
    [difference] = check_story(pack_of(), told)
    assert difference == (
        "answer (1): at 2026-03-03T22:30:00+08:00 desk, head (at 2026-03-04T07:00:00+08:00) are told; "
        "expected at 2026-03-03T22:30+08:00 desk, head are told"
    )
    [chinese] = check_story(pack_of(), told, "zh")
    assert chinese == (
        "answer（第1次）：实际2026-03-03T22:30:00+08:00告知desk、head（2026-03-04T07:00:00+08:00）；"
        "预期2026-03-03T22:30+08:00告知desk、head"
    )


def test_replay_says_who_was_told_later() -> None:
    told = replay_story(pack_of(), story("2026-03-03T17:30+08:00", now="2026-03-03T23:00+08:00"))
    [rung] = told["rungs"]
    assert rung["tells"] == ["desk", "head"]
    assert rung["told_later"] == {"head": "2026-03-04T07:00:00+08:00"}


def test_quiet_time_changes_no_event_and_no_state() -> None:
    """What was stored before a role had quiet time folds to the same, and the other way round."""
    loud = pack_of(PACK.replace(', quiet: "22:00-07:00"', "").replace(', quiet: ["22:00-24:00", "00:00-08:00"]', ""))
    told = story("2026-03-03T17:30+08:00", now="2026-03-04T06:00+08:00")
    one, other = Story(pack_of(), told), Story(loud, told)
    assert one.events == other.events
    assert len(one.events) == 5
    states = [fold(compile_program(pack), one.events).snapshot() for pack in (pack_of(), loud)]
    assert {**states[0], "pack": ""} == {**states[1], "pack": ""}
    assert [each.not_before for each in other.notifications] == [None] * len(other.notifications)


# -- the windows


def calendar(tz: str) -> CalendarSpec:
    return CalendarSpec(tz=tz, week=(WHOLE_DAY,) * 7)


def slowly(quiet: Quiet, tz: str, at: int) -> int:
    """Walk on minute by minute until the wall clock shows no quiet one."""
    zone = ZoneInfo(tz)

    def is_quiet(moment: int) -> bool:
        wall = datetime.fromtimestamp(moment, zone)
        return any(start <= wall.hour * 60 + wall.minute < end for start, end in quiet.windows)

    if not is_quiet(at):
        return at
    at -= at % 60
    while is_quiet(at):
        at += 60
    return at


ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
WINDOWS = st.lists(st.integers(0, 24 * 4), min_size=2, max_size=6, unique=True).map(sorted).filter(
    lambda edges: len(edges) % 2 == 0 and edges != [0, 96]
)  # fmt: skip


@settings(max_examples=150)
@given(
    edges=WINDOWS,
    tz=st.sampled_from(ZONES),
    # Nights of a change of the clocks, and any other time of the year.
    day=st.one_of(st.sampled_from(["2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04"]),
                  st.dates(datetime(2026, 1, 2).date(), datetime(2026, 12, 30).date()).map(str)),  # noqa: DTZ001
    minute=st.integers(-26 * 60, 26 * 60),
    second=st.sampled_from([0, 0, 1, 59]),
)  # fmt: skip
def test_quiet_time_ends_where_a_walk_by_minutes_ends(
    edges: list[int], tz: str, day: str, minute: int, second: int
) -> None:
    quiet = Quiet(windows=tuple((a * 15, b * 15) for a, b in zip(edges[::2], edges[1::2], strict=True)))
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo("UTC"))
    at = int((noon + timedelta(minutes=minute, seconds=second)).timestamp())
    baked = bake(calendar(tz), edition=shipped_edition())
    assert after_quiet(quiet, baked, at) == slowly(quiet, tz, at)


@pytest.mark.parametrize(
    ("written", "windows"),
    [
        ('"22:00-07:00"', ((0, 420), (1320, 1440))),
        ('"12:30-14:00"', ((750, 840),)),
        ('["22:00-24:00", "00:00-07:00", "06:00-08:00"]', ((0, 480), (1320, 1440))),
        ("never", ()),
    ],
)
def test_quiet_time_is_read_as_minutes_of_the_day(written: str, windows: tuple[tuple[int, int], ...]) -> None:
    pack = pack_of(PACK.replace('quiet: "22:00-07:00"', f"quiet: {written}"))
    assert pack.roles["head"].quiet == Quiet(windows=windows)
    assert pack.roles["desk"].quiet is None
