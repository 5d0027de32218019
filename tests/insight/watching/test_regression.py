"""The regression beside reference values: statsmodels 0.15 (GLM, Poisson, scale X2) on the same counts."""

from __future__ import annotations

import pytest

from ombud.insight.watching import distributions
from ombud.insight.watching.regression import NoFit, fit, residuals

COUNTS = [
    *[5, 20, 13, 9, 1, 10, 13, 11, 11, 16, 21, 7, 10, 12, 24, 2, 13, 14, 18, 14, 11, 17, 20, 7, 5, 4, 23, 10, 38, 11],
    *[10, 4, 7, 18, 20, 11, 20, 12, 10, 5, 6, 9, 20, 12, 11, 8, 15, 10, 5, 6, 26, 9, 14, 20, 18, 10, 12, 6, 29, 9],
]
TIMES = [float(index - 60) for index in range(60)]
SEASONS = [index % 4 for index in range(60)]
WEIGHTS = [1.0 if index % 7 else 0.3 for index in range(60)]


def test_levels_trend_spread_and_leverages_are_those_of_statsmodels():
    model = fit(COUNTS, TIMES, SEASONS, weights=WEIGHTS)
    assert model.levels == pytest.approx((2.40550437, 2.59739893, 2.9929773, 2.21094693), abs=1e-7)
    assert model.slope == pytest.approx(0.00288914129, abs=1e-9)
    assert model.spread == pytest.approx(2.117683212867, rel=1e-6)
    assert model.uncertainty(0, 0.0) == pytest.approx(0.012645475795837, rel=1e-6)
    assert model.leverages[:5] == pytest.approx((0.03322798, 0.1140287, 0.14058689, 0.10282042, 0.10174535), abs=1e-7)


def test_the_order_of_points_and_where_time_begins_change_nothing():
    model = fit(COUNTS, TIMES, SEASONS)
    turned = fit(COUNTS[::-1], [each + 60 for each in TIMES[::-1]], SEASONS[::-1])
    assert turned.mean(2, 60) == pytest.approx(model.mean(2, 0), rel=1e-7)
    assert turned.spread == pytest.approx(model.spread, rel=1e-7)
    assert sorted(residuals(COUNTS[::-1], turned)) == pytest.approx(sorted(residuals(COUNTS, model)), abs=1e-5)


def test_ten_times_the_counts_expect_ten_times_as_much():
    tenfold = fit([10 * each for each in COUNTS], TIMES, SEASONS)
    assert tenfold.mean(1, 0) == pytest.approx(10 * fit(COUNTS, TIMES, SEASONS).mean(1, 0), rel=1e-7)


def test_too_few_points_are_no_fit():
    with pytest.raises(NoFit):
        fit([1, 2, 3], [0.0, 1.0, 2.0], [0, 1, 1])


@pytest.mark.parametrize(
    ("count", "mean", "spread", "more", "less", "limit"),
    [  # scipy 1.17: sf(count - 1), cdf(count), ppf(0.99)
        (20, 10, 1.0, 0.0034543419758568, 0.9984117393381419, 18),
        (20, 10, 2.5, 0.0457015421300262, 0.9659420707620645, 24),
        (3, 10, 1.7, 0.9870398031893945, 0.0340787015884332, 21),
        (0, 7, 1.3, 1.0, 0.0021944302407215, 15),
    ],
)  # fmt: skip
def test_tails_are_those_of_scipy(count: int, mean: float, spread: float, more: float, less: float, limit: int):
    assert distributions.at_least(count, mean, spread) == pytest.approx(more, rel=1e-7)
    assert distributions.at_most(count, mean, spread) == pytest.approx(less, rel=1e-6)
    assert distributions.upper_limit(mean, spread, 0.01) == limit


@pytest.mark.parametrize(
    ("t", "degrees", "tail"),
    [(2.5, 6, 0.02326411614208), (3.1, 15, 0.00365861528746), (-1, 7, 0.82469166858990), (10, 6, 2.89599137748e-05)],
)
def test_students_t_is_that_of_scipy(t: float, degrees: int, tail: float):
    assert distributions.beyond(t, degrees) == pytest.approx(tail, rel=1e-6)
