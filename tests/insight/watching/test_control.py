"""Control charts, against figures worked out by hand."""

from __future__ import annotations

from random import Random

import pytest

from ombud.insight.watching.control import LONG_RUN, OUTSIDE, TWO_OF_THREE, Expected, control

SAME = [1.0] * 12


def test_middle_and_limits_are_those_worked_out_by_hand() -> None:
    # 9 a step on average: three times the square root of 9 is 9, so the limits are 0 and 18.
    found = control([9, 7, 11, 9, 8, 10, 6, 12, 9], [1.0] * 9)
    assert found is not None
    assert set(found.expected) == {Expected(middle=9.0, low=0.0, high=18.0)}
    assert found.signals == {}


def test_a_longer_step_expects_more() -> None:
    # 100 in 10 lengths: of a step of 4 lengths 40 +- 3 * 6.3246, of one of a quarter 2.5 and never less than nothing.
    found = control([10] * 7 + [2, 3, 25], [1.0] * 7 + [0.25, 0.25, 2.5])
    assert found is not None
    last, short = found.expected[-1], found.expected[-2]
    assert (last.middle, round(last.low, 4), round(last.high, 4)) == (25.0, 10.0, 40.0)
    assert (short.middle, short.low, round(short.high, 4)) == (2.5, 0.0, 7.2434)


def test_a_count_beyond_its_limit_is_a_signal_and_one_on_it_is_none() -> None:
    # With 27 and eleven of 9 the middle is 10.5, and 10.5 + 3 * 3.2404 = 20.22; without it 9: none is low.
    peak = control([9] * 11 + [27], SAME)
    assert peak is not None
    assert peak.signals == {11: OUTSIDE}
    assert peak.expected[0].middle == 9.0
    # 16 at seven steps of 16: limits 4 and 28. Sum 16 * 9 = 144 with 28 and 4.
    assert control([16] * 7 + [28, 4], [1.0] * 9).signals == {}  # type: ignore[union-attr]


def test_two_of_three_near_a_limit_are_a_signal_at_the_second() -> None:
    # The middle stays 16 (sigma 4): 25 and 25 are 2.25 sigmas above it, 14s make up for them.
    counts = [14, 14, 14, 14, 14, 25, 16, 25, 14, 14, 14, 14]
    assert sum(counts) == 16 * 12
    assert control(counts, SAME).signals == {7: TWO_OF_THREE}  # type: ignore[union-attr]
    apart = [14, 14, 14, 14, 25, 16, 14, 25, 14, 14, 14, 14]
    assert control(apart, SAME).signals == {}  # type: ignore[union-attr]
    sides = [14, 14, 14, 14, 14, 25, 16, 7, 25, 19, 14, 16]
    assert sum(sides) == 16 * 12
    assert control(sides, SAME).signals == {}  # type: ignore[union-attr]  # one of them on the other side


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_none() -> None:
    eight = [10] * 8 + [7] * 8
    found = control(eight, [1.0] * 16)
    assert found is not None
    assert found.expected[0].middle == 8.5
    assert found.signals == {7: LONG_RUN, 15: LONG_RUN}
    assert control([10] * 7 + [7] * 7, [1.0] * 14).signals == {}  # type: ignore[union-attr]


def test_the_step_under_way_is_neither_counted_nor_judged() -> None:
    found = control([9] * 11 + [400], SAME, whole=11)
    assert found is not None
    assert found.expected[11].middle == 9.0
    assert found.signals == {}


def test_too_few_steps_tell_nothing() -> None:
    assert control([1] * 7, [1.0] * 7) is None
    assert control([], []) is None
    assert control([0] * 11 + [11], SAME) is None  # less than one a step
    assert control([0] * 11 + [12], SAME) is not None


@pytest.mark.parametrize("mean", [4, 20])
def test_noise_is_seldom_reported(mean: int) -> None:
    drawn = Random(20261130)

    def poisson() -> int:
        return sum(drawn.random() < mean / 400 for _each in range(400))

    charts = [control([poisson() for _each in range(12)], SAME) for _each in range(300)]
    assert sum(bool(each and each.signals) for each in charts) / 300 < 0.12
