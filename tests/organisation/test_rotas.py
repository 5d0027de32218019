"""Rotas: who is on when, by patterns, single days and absences, in the office's own hours; a change can be undone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from builders import after
from cast import POLICY, Cast
from ombud.organisation import changes, staffing, standing_in
from ombud.organisation.models import Office, Person
from ombud.organisation.rotas import Rota, Shift, ShiftDay
from ombud.organisation.shift_plan import Plan, Slot, followers, is_b_week, on_now
from ombud.organisation.staffing import RotaError
from ombud.organisation.standing_in import ALL

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)  # the one before START
NOW = after(0)


def rota(cast: Cast, office: Office | None = None, channels: tuple[str, ...] = ()) -> Rota:
    row = Rota(name="Hotline", policy=POLICY, office=office, channels=list(channels), a_week=MONDAY)
    return staffing.keep(row, by=cast.mo, now=NOW)


def shift(of: Rota, cast: Cast, starts: int, ends: int, *, name: str = "Day", days: str = "0123456") -> Shift:
    row = Shift(
        rota=of,
        name=name,
        starts=time(starts),
        ends=time(ends),
        weekdays=[int(each) for each in days],
        first_day=date(2026, 1, 5),
    )
    return staffing.add_shift(row, by=cast.mo, now=NOW)


def week(*people: Person) -> list[list[int]]:
    """Return a week in which each day is these people's."""
    return [[each.pk for each in people] for _day in range(7)]


def slots(of: Rota, first: date, last: date | None = None) -> list[Slot]:
    return Plan([of], first, last or first).slots()


def who(of: Rota, day: date) -> list[str]:
    return [each.username for slot in slots(of, day) for each in slot.people]


def test_a_pattern_of_two_weeks_takes_turns_across_the_end_of_a_year_and_a_new_one_leaves_the_past_alone(
    cast: Cast,
) -> None:
    row = rota(cast)
    day = shift(row, cast, 9, 18)
    assert staffing.set_pattern(day, MONDAY, [week(cast.lin), week(cast.wei)], by=cast.mo, now=NOW)
    assert not staffing.set_pattern(day, MONDAY, [week(cast.lin), week(cast.wei)], by=cast.mo, now=NOW)
    assert who(row, date(2026, 2, 27)) == [], "before it begins nobody has it"
    assert [who(row, date(2026, 3, each)) for each in (3, 10, 17)] == [["lin"], ["wei"], ["lin"]]
    # 2026 has 53 weeks: numbers of weeks would make two odd ones follow each other.
    turns = [is_b_week(row, date(2026, 12, 28)), is_b_week(row, date(2027, 1, 4))]
    assert sorted(turns) == [False, True]
    staffing.set_pattern(day, date(2026, 3, 18), [week(cast.chen)], by=cast.mo, now=NOW)
    assert [who(row, date(2026, 3, each)) for each in (10, 16, 24)] == [["wei"], ["chen"], ["chen"]]


@pytest.mark.parametrize(
    ("day", "hours", "starts"),
    [
        (date(2026, 3, 28), 7, "2026-03-28T21:00"),  # the night in which Berlin leaves out an hour
        (date(2026, 10, 24), 9, "2026-10-24T20:00"),  # and the one in which it has it twice
        (date(2026, 3, 2), 8, "2026-03-02T21:00"),
    ],
)
def test_a_night_runs_into_the_next_day_and_is_as_long_as_the_clocks_of_the_office_make_it(
    cast: Cast, day: date, hours: float, starts: str
) -> None:
    berlin = Office.objects.create(key="berlin", tz="Europe/Berlin")
    row = rota(cast, berlin)
    shift(row, cast, 22, 6, name="Night")
    early = shift(row, cast, 6, 14, name="Early")
    night = next(each for each in slots(row, day) if each.shift.name == "Night")
    assert (night.hours, f"{night.starts_at:%Y-%m-%dT%H:%M}") == (hours, starts)
    following = next(each for each in slots(row, day, date.fromordinal(day.toordinal() + 1)) if each.day > day)
    assert following.shift == early
    assert following.starts_at == night.ends_at, "no minute lies between two shifts, and none in both"


def test_whoever_is_away_is_not_there_and_cannot_be_put_on_a_day(cast: Cast) -> None:
    row = rota(cast)
    day = shift(row, cast, 9, 18)
    staffing.set_pattern(day, MONDAY, [week(cast.lin)], by=cast.mo, now=NOW)
    standing_in.enter(cast.lin, date(2026, 3, 5), date(2026, 3, 6), {ALL: cast.wei}, by=cast.mo, now=NOW)
    standing_in.enter(cast.chen, date(2026, 3, 5), date(2026, 3, 5), {ALL: cast.wei}, by=cast.mo, now=NOW)
    (slot,) = slots(row, date(2026, 3, 5))
    assert (slot.people, slot.there, slot.missing) == ((cast.lin,), (), 1)
    with pytest.raises(RotaError) as refused:
        staffing.set_day(day, date(2026, 3, 5), [cast.chen.pk], by=cast.mo, now=NOW)
    assert (refused.value.code, refused.value.who) == ("away", cast.chen)
    assert staffing.set_day(day, date(2026, 3, 5), [cast.wei.pk], by=cast.mo, now=NOW)
    (slot,) = slots(row, date(2026, 3, 5))
    assert (slot.there, slot.missing, slot.is_changed) == ((cast.wei,), 0, True)
    Person.objects.filter(pk=cast.wei.pk).update(is_active=False)
    assert slots(row, date(2026, 3, 5))[0].missing == 1, "nor is whoever left"
    with pytest.raises(RotaError, match="inactive"):
        staffing.set_day(day, date(2026, 3, 6), [cast.wei.pk], by=cast.mo, now=NOW)
    with pytest.raises(RotaError, match="day"):
        staffing.set_day(shift(row, cast, 8, 9, days="0"), date(2026, 3, 6), [cast.chen.pk], by=cast.mo, now=NOW)


def test_two_exchange_their_shifts(cast: Cast) -> None:
    row = rota(cast)
    early, late = shift(row, cast, 6, 14, name="Early"), shift(row, cast, 14, 22, name="Late")
    staffing.set_pattern(early, MONDAY, [week(cast.lin)], by=cast.mo, now=NOW)
    staffing.set_pattern(late, MONDAY, [week(cast.wei)], by=cast.mo, now=NOW)
    one, other = slots(row, date(2026, 3, 5))
    with pytest.raises(RotaError, match="not-theirs"):
        staffing.swap(one, cast.chen.pk, other, cast.wei.pk, by=cast.mo, now=NOW)
    staffing.swap(one, cast.lin.pk, other, cast.wei.pk, by=cast.mo, now=NOW)
    assert who(row, date(2026, 3, 5)) == ["wei", "lin"]
    assert who(row, date(2026, 3, 6)) == ["lin", "wei"]
    both = slots(row, date(2026, 3, 5))[0]
    staffing.set_day(early, date(2026, 3, 5), [cast.wei.pk, cast.lin.pk], by=cast.mo, now=NOW)
    both = slots(row, date(2026, 3, 5))[0]
    with pytest.raises(RotaError, match="both"):
        staffing.swap(both, cast.wei.pk, slots(row, date(2026, 3, 5))[1], cast.lin.pk, by=cast.mo, now=NOW)


def test_a_week_is_planned_as_the_one_before_without_those_who_will_be_away(cast: Cast) -> None:
    row = rota(cast)
    day = shift(row, cast, 9, 18)
    for number, person in enumerate((cast.lin, cast.wei, cast.lin)):
        staffing.set_day(day, date(2026, 3, 2 + number), [person.pk], by=cast.mo, now=NOW)
    standing_in.enter(cast.wei, date(2026, 3, 10), date(2026, 3, 10), {ALL: cast.chen}, by=cast.mo, now=NOW)
    changed, lacking = staffing.copy_week(row, date(2026, 3, 9), by=cast.mo, now=NOW)
    assert (changed, [each.day for each in lacking]) == (3, [date(2026, 3, 10)])
    assert [who(row, date(2026, 3, each)) for each in (9, 10, 11, 12)] == [["lin"], [], ["lin"], []]
    assert staffing.copy_week(row, date(2026, 3, 9), by=cast.mo, now=NOW)[0] == 0


def test_every_change_says_what_was_before_and_can_be_undone_while_nothing_came_after_it(cast: Cast) -> None:
    row = rota(cast)
    day = shift(row, cast, 9, 18)
    staffing.set_pattern(day, MONDAY, [week(cast.lin)], by=cast.mo, now=NOW)
    staffing.set_day(day, date(2026, 3, 5), [cast.wei.pk], by=cast.mo, now=NOW)
    staffing.set_day(day, date(2026, 3, 5), [cast.chen.pk], by=cast.gao, now=NOW)
    newest, before, *rest = staffing.history(row)
    assert (newest.change.by, newest.before, newest.can_undo) == (cast.gao, {"people": [cast.wei.pk]}, True)
    assert not before.can_undo
    with pytest.raises(RotaError, match="later"):
        staffing.undo(row, before.change.pk, by=cast.mo, now=NOW)
    staffing.undo(row, newest.change.pk, by=cast.mo, now=NOW)
    assert who(row, date(2026, 3, 5)) == ["wei"]
    staffing.end_shift(day, date(2026, 3, 10), by=cast.mo, now=NOW)
    assert slots(row, date(2026, 3, 11)) == []
    ended = staffing.history(row)[0]
    staffing.undo(row, ended.change.pk, by=cast.mo, now=NOW)
    assert who(row, date(2026, 3, 11)) == ["lin"]
    pattern = next(each for each in rest if each.change.kind == "shift_pattern")
    staffing.undo(row, pattern.change.pk, by=cast.mo, now=NOW)
    assert who(row, date(2026, 3, 11)) == []
    row.name = "Nights"
    staffing.keep(row, by=cast.mo, now=NOW)
    staffing.undo(row, staffing.history(row)[0].change.pk, by=cast.mo, now=NOW)
    assert Rota.objects.get().name == "Hotline"
    assert list(changes.problems()) == []
    ShiftDay.objects.update(people=[cast.gao.pk])
    assert "shift_day" in "".join(changes.problems()), "a shift changed around the program is found"


def test_a_shift_is_handed_over_to_whoever_runs_then_or_begins_next(cast: Cast) -> None:
    row = rota(cast)
    early, late = shift(row, cast, 6, 14, name="Early"), shift(row, cast, 14, 22, name="Late")
    for each, person in ((early, cast.lin), (late, cast.wei)):
        staffing.set_pattern(each, MONDAY, [week(person)], by=cast.mo, now=NOW)
    found = slots(row, date(2026, 3, 4), date(2026, 3, 6))
    assert [each.shift.name for each in followers(found[0], found)] == ["Late"]
    assert [(each.shift.name, each.day.day) for each in followers(found[1], found)] == [("Early", 5)]


def test_who_is_on_now_is_asked_by_office_and_channel(cast: Cast) -> None:
    berlin = Office.objects.create(key="berlin", tz="Europe/Berlin")
    for office, channels, person in ((None, (), cast.lin), (berlin, ("web",), cast.wei)):
        row = rota(cast, office, channels)
        staffing.set_pattern(shift(row, cast, 0, 0), MONDAY, [week(person)], by=cast.mo, now=NOW)
    at = datetime(2026, 3, 4, 12, tzinfo=UTC)

    def on(office: int | None, channel: str) -> list[str]:
        return [each.username for slot in on_now(POLICY, office, channel, now=at) for each in slot.there]

    assert on(None, "web") == ["lin"]
    assert sorted(on(berlin.pk, "web")) == ["lin", "wei"]
    assert on(berlin.pk, "phone") == ["lin"]
