"""One way of writing dates on pages; letters keep their own."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

import ombud
from builders import shipped_pack
from ombud.interface.days import day_of_year, letter_day, period_words, whole_day
from ombud.interface.fact_text import fact_text

DAY = date(2026, 11, 28)
TEMPLATES = Path(ombud.__file__).parent
AT = datetime(2026, 9, 3, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("28 Nov 2026", "28 Nov", "November 28, 2026")),
        ("zh-hans", ("2026年11月28日", "11月28日", "2026年11月28日")),
    ],
)
def test_a_day_is_said_in_one_way_on_pages_and_in_another_in_letters(language: str, said: tuple[str, ...]) -> None:
    with translation.override(language):
        assert (whole_day(DAY), day_of_year(DAY), letter_day(DAY)) == said
        assert whole_day("2026-11-28") == said[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-10", "October 2026"),
        ("2026-Q3", "quarter 3 of 2026"),
        ("2026/27-H1", "half-year 1 of 2026/27"),
        ("2026-W08", "week 8 of 2026"),
        ("2026", "2026"),
        ("2026-11-28", "November 28, 2026"),
        ("", ""),
    ],
)
def test_the_name_of_a_period_is_said_in_words(name: str, said: str) -> None:
    with translation.override("en"):
        assert period_words(name) == said


def test_the_name_of_a_period_is_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert period_words("2026-10") == "2026年10月"
        assert period_words("2026-Q3") == "2026年第3季度"


@pytest.mark.parametrize(
    ("now", "shown"), [("2026-03-01", "3 Sep 10:00"), ("2027-03-01", "3 Sep 2026 10:00"), ("", "3 Sep 2026 10:00")]
)
def test_instants_near_far_and_whole_look_alike(now: str, shown: str) -> None:
    style = "smart" if now else "full"
    with translation.override("en"), timezone.override(UTC):
        context = Context({"at": AT, "now": f"{now or '2026-03-01'}T00:00:00+00:00"})
        page = Template(f"{{% load ombud %}}{{% when at '{style}' %}} {{{{ at|whole_day }}}}").render(context)
    assert f">{shown}</time>" in page
    assert page.endswith(" 3 Sep 2026")


def test_a_fact_says_its_day_as_the_pages_do_and_in_a_letter_as_letters_do() -> None:
    field = shipped_pack().fields["occurred_on"]
    at = int(AT.timestamp())
    with translation.override("en"), timezone.override(UTC):
        assert fact_text(field, at) == "3 Sep 2026 10:00"
        assert fact_text(field, at, day=letter_day) == "September 3, 2026 10:00"


def test_no_template_writes_dates_in_a_way_of_its_own() -> None:
    own = re.compile(r"""\|date:"(?!YEAR_MONTH)[^"]*(?:DATE_FORMAT|[jdD][^"]*[FMNn])""")
    pages = list(TEMPLATES.rglob("*.html"))
    assert pages
    assert [str(page) for page in pages if own.search(page.read_text("utf-8"))] == []
