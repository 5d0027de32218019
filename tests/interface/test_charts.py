"""Charts: what is under way is told from what is whole, gaps stay gaps, names cannot break out, nothing is inline."""

from __future__ import annotations

import itertools
import re

import pytest
from django.template.loader import render_to_string
from django.utils.translation import gettext

from ombud.interface.charts import Point, bars, line


def points(*values: float | None, is_open: bool = False) -> list[Point]:
    return [
        Point(label=f"<{place}>", value=value, words=str(value), is_open=is_open and place == len(values) - 1)
        for place, value in enumerate(values)
    ]


def test_bars_are_as_high_as_their_values() -> None:
    svg = str(bars("t", points(2, 4, 0)).svg)
    heights = [float(each) for each in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', svg)]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert heights[2] == 0


@pytest.mark.parametrize("most", [1, 3, 5, 6, 7, 13, 33, 60, 110, 999, 12_345])
def test_the_lines_of_a_count_stand_where_their_numbers_say(most: int) -> None:
    svg = str(bars("t", points(most)).svg)
    told = [int(each.replace(",", "")) for each in re.findall(r'text-anchor="end" class="chart-text">([\d,]+)<', svg)]
    heights = [float(each) for each in re.findall(r'y1="([\d.]+)" y2="[\d.]+" class="chart-grid"', svg)]
    assert told == [told[1] * place for place in range(len(told))]
    assert told[-1] >= most > told[-2]
    gaps = [one - other for one, other in itertools.pairwise(heights)]
    assert max(gaps) - min(gaps) <= 0.2  # of a pixel, by rounding


def test_a_bar_of_few_is_no_wall() -> None:
    (wide,) = re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"', str(bars("t", points(3)).svg))
    assert float(wide) < 60


def test_what_is_under_way_is_hatched_by_a_pattern_of_the_charts_own() -> None:
    one, other = str(bars("t", points(2, 4, is_open=True)).svg), str(bars("t", points(2, is_open=True)).svg)
    (mine,) = re.findall(r'fill="url\(#([\w-]+)\)"', one)
    assert f'<pattern id="{mine}"' in one
    assert mine not in other


def test_a_gap_in_a_line_is_no_zero() -> None:
    svg = str(line("t", points(0.5, None, 1.0)).svg)
    assert svg.count("<circle") == 2


def test_a_chart_of_nothing_says_so_and_a_share_of_none_is_something() -> None:
    said = gettext("Nothing to show in this span.")
    for empty in (bars("t", points(0, 0)), line("t", points(None, None)), bars("t", [])):
        drawn = render_to_string("components/chart.html", {"chart": empty})
        assert (said in drawn, '<svg class="chart"' in drawn) == (True, False)
    none = Point(label="m", value=0.0, words="0 %", low=0.0, high=0.2)
    for full in (bars("t", points(0, 1)), line("t", [none])):
        drawn = render_to_string("components/chart.html", {"chart": full})
        assert (said in drawn, '<svg class="chart"' in drawn) == (False, True)


def test_names_are_text() -> None:
    svg = str(bars('a" onload="x', points(1)).svg)
    assert "<0>" not in svg
    assert 'onload="x' not in svg
    assert "style" not in svg


@pytest.mark.parametrize("name", ["September 2026", "2026年10月", "3"])
def test_labels_do_not_run_into_each_other(name: str) -> None:
    shown = [Point(label=name, value=1, words="1") for _ in range(12)]
    svg = str(bars("t", shown).svg)
    places = [float(each) for each in re.findall(rf'<text x="([\d.]+)"[^>]*>{name}</text>', svg)]
    wide = sum(14 if sign >= "\u1100" else 7.5 for sign in name)
    gaps = [later - earlier for earlier, later in itertools.pairwise(places)]
    assert all(gap >= wide for gap in gaps[:-1])
    assert gaps[-1] >= wide / 2  # the last one ends at the edge


def test_nothing_to_draw_is_drawn() -> None:
    assert "<svg" in bars("t", []).svg
    assert "<svg" in line("t", []).svg


def test_what_is_expected_is_drawn_over_its_own_step_and_fits_the_drawing() -> None:
    svg = str(bars("t", [Point(label="a", value=2, words="2", expected=(4, 0, 10), signal="more")]).svg)
    limits = [float(each) for each in re.findall(r'y1="([\d.]+)" y2="[\d.]+" class="chart-limit"', svg)]
    (middle,) = re.findall(r'y1="([\d.]+)" y2="[\d.]+" class="chart-middle"', svg)
    assert limits[1] < float(middle) < limits[0]
    assert limits[1] >= 0  # higher than any value, and yet within
    assert "chart-signal" in svg
