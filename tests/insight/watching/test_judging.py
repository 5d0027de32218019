"""Series judged: noise alarms as seldom as it should, rises and silences are found in time."""

from __future__ import annotations

import random
from itertools import pairwise
from math import cos, exp, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.insight.watching import ears, farrington
from ombud.insight.watching.judging import fall, rise, weekdays_of, weeks_of
from ombud.insight.watching.multiplicity import standing

YEARS, MONTHS = 3 * 365, 200  # days


def drawn(chance: random.Random, mean: float) -> int:
    """Return a Poisson count (Knuth)."""
    left, count = exp(-mean), 0
    product = chance.random()
    while product > left:
        product *= chance.random()
        count += 1
    return count


def noise(days: int, mean: float, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [drawn(chance, mean) for _ in range(days)]


@pytest.mark.parametrize("days", [YEARS, MONTHS])
@pytest.mark.parametrize("mean", [0.5, 4.0])
def test_noise_is_found_unusual_no_more_often_than_its_chance_says(days: int, mean: float):
    chances = [verdict.chance for seed in range(120) if (verdict := rise(noise(days, mean, seed))) is not None]
    assert len(chances) == 120
    assert sum(each <= 0.05 for each in chances) <= 13  # 6 are to be expected; 13 has less than one chance in 100
    assert sum(each <= 0.001 for each in chances) <= 1


@pytest.mark.parametrize("days", [YEARS, MONTHS])
def test_a_doubled_count_is_found_within_a_week(days: int):
    chance, found = random.Random(3), []
    for seed in range(10):
        series = noise(days, 4.0, seed)
        for day in range(1, 15):
            series.append(drawn(chance, 8.0))
            verdict = rise(series)
            if verdict is not None and verdict.chance < 0.001:
                found.append(day)
                break
    assert len(found) == 10
    assert sorted(found)[5] <= 7


def test_a_burst_of_one_day_is_found_on_that_day():
    series = noise(MONTHS, 1.0, 1)
    verdict = rise([*series[:-1], 15])
    assert verdict is not None
    assert verdict.span == "day"
    assert verdict.chance < 0.001


def test_the_same_peak_at_the_same_time_of_every_year_is_no_news():
    chance = random.Random(5)
    days = [drawn(chance, 3 + 2.5 * cos(2 * pi * day / 365.2425)) for day in range(5 * 365 + 2)]  # ends at the peak
    by_year = farrington.expectation(weeks_of(days))
    assert by_year is not None
    assert by_year.method == "farrington"
    assert by_year.rise(weeks_of(days)[-1]) > 0.01
    assert by_year.mean == pytest.approx(38.5, rel=0.15)


def test_a_past_peak_weighs_less():
    weeks = weeks_of(noise(YEARS, 3.0, 8))
    peaked = list(weeks)
    peaked[-50] += 200
    plain, held = farrington.expectation(weeks), farrington.expectation(peaked)
    assert plain is not None
    assert held is not None
    assert held.mean < plain.mean * 1.5  # the mean of those seven weeks alone would be more than doubled


def test_silence_is_found_where_something_was_to_be_expected():
    series = noise(MONTHS, 4.0, 2)
    silent = fall([*series[:-3], 0, 0, 0])
    assert silent is not None
    assert silent.span == "silence"
    assert silent.days == 3
    assert silent.expected == pytest.approx(12, rel=0.25)
    assert silent.chance < 0.001
    assert fall(noise(MONTHS, 0.3, 2)) is None or fall(noise(MONTHS, 0.3, 2)).expected >= 5  # type: ignore[union-attr]


def test_a_series_that_is_silent_every_weekend_is_not_missed_on_sunday():
    days = [0 if day % 7 in (5, 6) else count for day, count in enumerate(noise(7 * 30, 6.0, 4))]
    sunday = fall(days)
    assert sunday is not None
    assert sunday.chance > 0.05


def test_what_has_hardly_a_past_is_not_judged():
    assert rise([3] * 60) is None
    assert rise([]) is None
    assert rise([3] * 90) is not None


def test_five_complaints_are_the_least():
    verdict = rise([0] * 200 + [4])
    assert verdict is not None
    assert verdict.chance == 1.0
    verdict = rise([0] * 200 + [5])
    assert verdict is not None
    assert verdict.chance < 0.001


def test_the_baseline_of_ears_leaves_a_gap_of_two():
    counts = [4, 6, 5, 5, 4, 6, 5, 90, 90, 12]
    assert ears.baseline(counts) == (4, 6, 5, 5, 4, 6, 5)
    # Mean 5, deviation that of chance, sqrt(5): C2 = 7 / 2.2361 = 3.1305, its t = 3.1305 / sqrt(8 / 7) = 2.9283.
    assert ears.chance(counts) == pytest.approx(0.0131725, abs=1e-7)


@given(st.lists(st.integers(0, 50), min_size=100, max_size=130), st.integers(0, 60))
def test_more_is_never_less_unusual(days: list[int], more: int):
    chances = [each.chance for n in (days[-1], days[-1] + more) if (each := rise([*days[:-1], n])) is not None]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(chances))


@given(st.lists(st.integers(0, 9), max_size=60))
def test_weeks_and_weekdays_end_with_the_last_day(days: list[int]):
    assert sum(weeks_of(days)) == sum(days[len(days) % 7 :])
    assert weekdays_of(days)[-1:] == days[-1:]


def test_of_many_findings_those_stand_that_noise_does_not_explain():
    # Benjamini and Hochberg (1995), their example: with 0.05 four stand, by Bonferroni three would.
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
               0.7590, 1.0]  # fmt: skip
    assert standing(chances, 0.05) == {0, 1, 2, 3}
    assert standing([]) == frozenset()


def test_seasons_are_counted_from_the_present_week():
    assert farrington.season(0) == farrington.season(52) == farrington.season(104) == 0
    assert {farrington.season(ago) for ago in range(27, 264)} == set(range(10))
    assert [farrington.season(ago) for ago in (3, 4, 8, 9, 48, 49)] == [0, 1, 1, 2, 9, 0]
