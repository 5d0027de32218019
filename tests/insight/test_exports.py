"""Lists on their way out: cells that no spreadsheet runs, memory that does not grow, files that go in time."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from builders import make_case
from cast import Cast
from ombud.cases.models import Recusal
from ombud.insight.exports import asking, making
from ombud.insight.exports.models import Export
from ombud.insight.exports.table import Row, Table
from ombud.insight.exports.writing import CSV, JSONL, XLSX, TooLong, write
from ombud.notices.models import Notice
from ombud.organisation.models import Membership, Person
from ombud.privacy.models import Complainant

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


def table(*rows: tuple[object, ...], headings: tuple[str, ...] = ("A",)) -> Table:
    return Table(name="list", headings=headings, rows=(Row(cells=row) for row in rows))  # type: ignore[arg-type]


def written(format: str, *rows: tuple[object, ...], headings: tuple[str, ...] = ("A",)) -> bytes:
    out = io.BytesIO()
    write(table(*rows, headings=headings), format, out, SHANGHAI)
    return out.getvalue()


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_text_is_run_as_a_formula(begin: str) -> None:
    text = f"{begin}cmd|' /C calc'!A0"
    (_, (cell,)) = csv.reader(io.StringIO(written(CSV, (text,)).decode("utf-8-sig"), newline=""))
    assert cell == f"'{text}"
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(XLSX, (text,))))
    assert book.get_sheet_by_index(0).to_python()[1] == [text.replace("\r", "")]  # which XML does not keep


def test_numbers_stay_numbers_also_below_nothing() -> None:
    cells = (-3, -2.5, Decimal("-1200.50"), True, None)
    row = list(csv.reader(io.StringIO(written(CSV, cells, headings=tuple("ABCDE")).decode("utf-8-sig"))))[1]
    assert row == ["-3", "-2.5", "-1200.50", "1", ""]
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(XLSX, cells, headings=tuple("ABCDE"))))
    assert book.get_sheet_by_index(0).to_python()[1] == [-3, -2.5, -1200.5, 1, ""]


def test_times_keep_their_zone_and_a_workbook_shows_the_readers_clock() -> None:
    lines = written(CSV, (AT, date(2026, 3, 4)), headings=("A", "B")).decode("utf-8-sig").splitlines()
    assert lines[1] == "2026-03-03 09:00:00+08:00,2026-03-04"
    book = CalamineWorkbook.from_filelike(io.BytesIO(written(XLSX, (AT, date(2026, 3, 4)), headings=("A", "B"))))
    assert book.get_sheet_by_index(0).to_python()[1] == [datetime(2026, 3, 3, 9, 0), date(2026, 3, 4)]  # noqa: DTZ001
    assert written(JSONL, (AT, Decimal("0.10")), headings=("at", "sum")) == (
        b'{"at": "2026-03-03T01:00:00+00:00", "sum": "0.10"}\n'
    )


def test_what_no_file_can_hold_is_left_out() -> None:
    for format in (CSV, XLSX):
        assert written(format, ("a\x00b\x1b\ud800c\ufffe", "x" * 40_000), headings=("A", "B"))
    assert "abc" in written(CSV, ("a\x00b\x1b\ud800c\ufffe",)).decode()


def test_more_rows_than_a_list_may_have_are_refused() -> None:
    with pytest.raises(TooLong):
        write(table((1,), (2,), (3,)), CSV, io.BytesIO(), SHANGHAI, most=2)
    assert write(table((1,), (2,)), CSV, io.BytesIO(), SHANGHAI, most=2) == 2


class Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]


def test_memory_does_not_grow_with_the_rows() -> None:
    def rows(number: int) -> Iterator[Row]:
        return (Row(cells=("电水壶漏水" * 8, AT, each)) for each in range(number))

    def peak(number: int) -> int:
        tracemalloc.start()
        write(Table(name="", headings=("A", "B", "C"), rows=rows(number)), CSV, Nowhere(), SHANGHAI)  # type: ignore[arg-type]
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few = peak(2_000)
    assert peak(20_000) < few * 1.5


def long(reader: Person, query: Mapping[str, str], now: datetime) -> Table:
    """A list that is too long to be waited for; it is about the newest case."""
    key = int(query.get("case", "0")) or None
    rows = (Row(cells=(number,), case=key) for number in range(making.SOON + int(query["more"])))
    return Table(name="long", headings=("N",), rows=rows)


LISTS: making.Lists = {"long": long}


def asked(person: Person, now: datetime, **query: str) -> Export:
    return asking.ask(person, "long", query, CSV, now=now)


@pytest.mark.django_db
def test_a_short_list_is_there_at_once_and_a_long_one_with_a_notice(cast: Cast, media: Path) -> None:
    case, now = make_case().case, timezone.now()
    short, more = asked(cast.lin, now, more="0"), asked(cast.lin, now, more="1", case=str(case.pk), q="王小明")
    assert making.make_soon(short, LISTS, now=now)
    assert not making.make_soon(more, LISTS, now=now)
    assert not Notice.objects.filter(kind=Notice.Kind.EXPORT).exists()
    assert making.make_waiting(LISTS, now=now) == 1
    assert making.make_waiting(LISTS, now=now) == 0
    made = Export.objects.get(pk=more.pk)
    assert (made.rows, made.query["q"], made.done_at) == (making.SOON + 1, asking.HIDDEN, now)
    notice = Notice.objects.get(kind=Notice.Kind.EXPORT)
    assert (notice.person, notice.case) == (cast.lin, case)
    export, opened = asking.open_file(cast.lin, more.pk, now=now)
    with opened:
        assert len(opened.read().splitlines()) == export.rows + 1
    assert Export.objects.get(pk=more.pk).taken_at == now
    with pytest.raises(asking.Gone):
        asking.open_file(cast.mo, more.pk, now=now)


@pytest.mark.django_db
def test_one_that_fails_is_tried_three_times_and_holds_up_no_other(cast: Cast, media: Path) -> None:
    now = timezone.now()
    bad, good = asked(cast.lin, now, more="x"), asked(cast.lin, now, more="1")
    for _round in range(asking.ATTEMPTS + 1):
        making.make_waiting(LISTS, now=now)
    assert making.is_given_up(Export.objects.get(pk=bad.pk))
    assert Export.objects.get(pk=good.pk).done_at == now


@pytest.mark.django_db
def test_nobody_has_more_than_five_made_at_the_same_time(cast: Cast) -> None:
    now = timezone.now()
    for _each in range(asking.WAITING):
        asked(cast.lin, now, more="1")
    with pytest.raises(asking.TooMany):
        asked(cast.lin, now, more="1")
    asked(cast.wei, now, more="1")
    Export.objects.filter(person=cast.lin).update(attempts=asking.ATTEMPTS)  # given up: they wait no longer
    asked(cast.lin, now, more="1")


def _recuse(cast: Cast, now: datetime) -> None:
    Recusal.objects.create(case=make_case().case, person=cast.lin, reason="", at=now - timedelta(days=3))


def _lose_role(cast: Cast, now: datetime) -> None:
    Membership.objects.filter(person=cast.lin).delete()


def _erase(cast: Cast, now: datetime) -> None:
    Complainant.objects.create(created_at=now, erased_at=now + timedelta(minutes=1))


@pytest.mark.django_db
@pytest.mark.parametrize("change", [_recuse, _lose_role, _erase])
def test_a_file_goes_when_its_reader_must_see_less_or_somebody_was_erased(
    cast: Cast, media: Path, change: object
) -> None:
    now = timezone.now()
    export = asked(cast.lin, now, more="0")
    making.make_soon(export, LISTS, now=now)
    asking.open_file(cast.lin, export.pk, now=now)[1].close()
    change(cast, now)  # type: ignore[operator]
    with pytest.raises(asking.Gone):
        asking.open_file(cast.lin, export.pk, now=now)
    assert making.tidy(now=now) == 1
    assert not list(media.rglob("*.csv"))
    assert Export.objects.filter(pk=export.pk, stored="").exists()  # that it was made stays on record


@pytest.mark.django_db
def test_a_file_is_kept_for_a_day_and_its_record_for_good(cast: Cast, media: Path) -> None:
    now = timezone.now()
    export = asked(cast.lin, now, more="0")
    never = asked(cast.lin, now, more="1", q="王小明")
    making.make_soon(export, LISTS, now=now)
    assert making.tidy(now=now + asking.KEPT - timedelta(seconds=1)) == 0
    assert making.tidy(now=now + asking.KEPT) == 1
    assert not list(media.rglob("*.csv"))
    assert Export.objects.get(pk=never.pk).query["q"] == asking.HIDDEN
    with pytest.raises(TypeError):
        Export.objects.get(pk=export.pk).delete()
