"""Files as people have them: nothing is swallowed, nothing passed over, every line not taken in is named."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from builders import assert_refolds
from cast import Cast
from channels.workbooks import open_cell, open_row, write_book, write_open_document
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case
from ombud.cases.reading import queries
from ombud.channels.importer import run
from ombud.channels.importer.mapping import ImportMapping, MappingError, load_mapping
from ombud.channels.workbooks import Unopened, rows_of

HEADING = "No,Received,Title,Details,Name,Phone,Amount"
MAPPING = """
source: old
key: No
policy: customer-complaints
zone: Asia/Shanghai
dates: ["%Y-%m-%d %H:%M", "%Y-%m-%d"]
channel: {constant: hotline}
acts:
  - act: receive
    by: agent
    at: Received
    data: {subject: Title, narrative: Details, name: Name, phone: Phone, loss: Amount}
"""


TEN = datetime(2026, 3, 2, 10)  # noqa: DTZ001 - a wall clock's


class Desk:
    """Somebody who imports files, and what they are told."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def take(self, file: bytes | str | Path, *options: str, mapping: str = MAPPING) -> tuple[int, str]:
        """Return the exit code and the words of an import."""
        path = file if isinstance(file, Path) else self.folder / "table.csv"
        if not isinstance(file, Path):
            path.write_bytes(file if isinstance(file, bytes) else file.encode())
        (self.folder / "map.yaml").write_text(mapping, "utf-8")
        code = run([str(path), "--map", str(self.folder / "map.yaml"), *options])
        told = self.capsys.readouterr()
        return code, told.out + told.err


@pytest.fixture
def desk(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def table(*rows: str, heading: str = HEADING) -> str:
    return "\n".join((heading, *rows)) + "\n"


def keys() -> list[str]:
    return sorted(str(source).partition(":")[2] for source in Case.objects.values_list("source", flat=True))


def fact(key: str, field: str, cast: Cast) -> Any:
    case = Case.objects.get(source=f"old:{key}")
    return {each.field: each.value for each in queries.facts(access_case(cast.lin, case.reference))}.get(field)


def row(
    key: str, details: str = "x", *, at: str = "2026-03-02 10:00", phone: str = "13800138000", amount: str = "100"
) -> str:
    return f"{key},{at},Title,{details},Zhang,{phone},{amount}"


def test_rows_that_a_stray_quote_has_swallowed_are_named_each(desk: Desk) -> None:
    stray = table(row("b1"), row("b2", '"5 inch'), row("b3"), row("b4"), row("b5", 'fine"'), row("b6"))
    code, told = desk.take(stray)
    assert code == 1
    assert keys() == ["b1", "b6"]
    assert "line 3 (b2): a quote in column 'Details' has swallowed whole rows" in told
    for line in (4, 5, 6):
        assert f"line {line} (no key): it is inside the quote that line 3 opens" in told


@pytest.mark.parametrize("column", range(7))
def test_one_swallowed_row_is_seen_in_whatever_column_the_quotes_stand(desk: Desk, column: int) -> None:
    cells = row("b2").split(",")
    cells[column] = '"' + cells[column]
    more = row("b3").split(",")
    more[column] = more[column] + '"'
    code, told = desk.take(table(row("b1"), ",".join(cells), ",".join(more), row("b4")))
    assert (code, keys()) == (1, ["b1", "b4"])
    assert "line 3" in told
    assert "line 4 (no key): it is inside the quote that line 3 opens" in told


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (('a2,2026-03-02 10:00,T,"open,Zhang,138,1', row("a3"), row("a4")), "a quote is opened here and never closed"),
        (('a2,2026-03-02 10:00,T,"5" screen,Zhang,138,1',), "a quote is opened or closed within a cell"),
    ],
)
def test_quotes_that_do_not_fit_lose_no_line_unnamed(desk: Desk, bad: tuple[str, ...], reason: str) -> None:
    code, told = desk.take(table(row("a1"), *bad))
    assert (code, keys()) == (1, ["a1"])
    assert f"line 3 (no key): {reason}" in told
    assert all(f"line {number}" in told for number in range(3, 3 + len(bad)))


@pytest.mark.parametrize(
    "details",
    [
        '"First, it leaked.\nThen, it broke, and nobody came."',
        '"one\r\ntwo"',
        '"a ""quoted"" word\n, , , , , ,"',
        '"2026-03-02 10:00\nfine"',
    ],
)
def test_an_honest_text_of_several_lines_is_taken_in(desk: Desk, details: str) -> None:
    code, told = desk.take(table(row("1", details), row("2")))
    assert (code, keys()) == (0, ["1", "2"]), told


def test_a_byte_of_another_encoding_anywhere_writes_nothing_and_names_its_line(desk: Desk) -> None:
    data = table(*(row(str(number)) for number in range(199))).encode() + row("bad", "划痕").encode("gb18030") + b"\n"
    code, told = desk.take(data)
    assert code == 2
    assert "line 201 is not utf-8-sig (byte 0x" in told
    assert not Case.objects.exists()
    assert desk.take(data, mapping=MAPPING + "encoding: gb18030\n")[0] == 0


@pytest.mark.parametrize("name", ["utf16", "u16", "UTF_16"])
def test_utf_16_may_go_by_any_of_its_names(desk: Desk, name: str) -> None:
    data = table(row("1", "划痕")).encode("utf-16")
    assert desk.take(data, mapping=MAPPING + f"encoding: {name}\n")[0] == 0
    assert keys() == ["1"]


def test_a_file_in_utf_16_is_told_how_to_be_read(desk: Desk) -> None:
    data = table(row("1", "划痕")).encode("utf-16")
    code, told = desk.take(data)
    assert (code, Case.objects.count()) == (2, 0)
    assert "this is UTF-16. Write `encoding: utf-16` into the mapping." in told
    assert desk.take(data, mapping=MAPPING + "encoding: utf-16\n")[0] == 0
    assert keys() == ["1"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("encoding: klingon", "there is no encoding 'klingon'"),
        ("encoding: hex", "there is no encoding 'hex'"),
        ("delimiter: ;;", "give one character"),
        ("serial: 1905", "1900"),
        ("numbers: 1.2", "1.234,5"),
        ("zone: Mars/Base", "there is no zone 'Mars/Base'"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_what_can(desk: Desk, line: str, words: str) -> None:
    mapping = MAPPING.replace("zone: Asia/Shanghai\n", "") + "zone: Asia/Shanghai\n"
    name = line.partition(":")[0]
    mapping = "\n".join(each for each in mapping.splitlines() if not each.startswith(f"{name}:")) + f"\n{line}\n"
    code, told = desk.take(table(row("1")), mapping=mapping)
    assert code == 2
    assert words in told


def test_a_cell_of_eleven_million_letters_is_one_row_of_its_own(desk: Desk) -> None:
    code, told = desk.take(table(row("1"), row("2", '"' + "x" * 11_000_000 + '"'), row("3")))
    assert code == 1
    assert "line 3 (no key): a cell has more than 10000000 characters" in told
    assert keys() == ["1", "3"]


def test_a_key_that_stands_twice_is_told_and_not_counted_as_there(desk: Desk) -> None:
    code, told = desk.take(table(row("1"), row("1", "other"), row(" 1 \u200b")))
    assert (code, keys()) == (1, ["1"])
    assert "line 3 (1): the key 1 stands in line 2 already" in told
    assert "line 4 (1): the key 1 stands in line 2 already" in told
    assert "0 already there" in told


def test_a_heading_that_stands_twice_is_refused_where_it_is_read(desk: Desk) -> None:
    twice = table(row("9") + ",Li", heading=HEADING + ",Name")
    code, told = desk.take(twice)
    assert (code, Case.objects.count()) == (2, 0)
    assert "the column Name stands twice" in told
    unread = table(row("9") + ",,", heading=HEADING + ",,")
    assert desk.take(unread)[0] == 0


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row("1", at="0026-03-02 10:00"), "the year 26 is not from 1970 to 2199"),
        (row("1", at="0001-01-01 00:00"), "the year 1 is not from 1970 to 2199"),
        (row("1", at="1899-12-30 10:00"), "the year 1899 is not from 1970 to 2199"),
        (row("1", phone="1.38E+10"), "'phone' is '1.38E+10': a spreadsheet has shortened this number"),
        (row("1.5E+11"), "a spreadsheet has shortened this number"),
        (row("1", phone="13800138000.0"), "'phone' is '13800138000.0': a program has made a number of it"),
        (row("1", amount="#DIV/0!"), "column 'Amount' says '#DIV/0!': the spreadsheet shows no result there"),
        (row("#N/A"), "column 'No' says '#N/A': the spreadsheet shows no result there"),
        (row("1", at="########"), "column 'Received' says '########': the spreadsheet shows no result there"),
        (row("1.0"), "column 'No' says '1.0': a program has made a number of it"),
        (row("1", amount="100000 XBT"), "“XBT” in “Amount involved” is no currency"),
        (row("1", amount="6000-8000"), "must be an amount of money"),
        (row("1", "x" * 20_001), "may have at most 20000 characters"),
        (row("1").replace("Title", "x" * 501), "may have at most 500 characters"),
        (row("k" * 300), "has more than 200 characters"),
        (row("\0"), "which identifies the row, is empty"),
        (row("1").replace("Title", "\u200b"), "Please fill in"),
    ],
)
def test_what_cannot_be_right_is_not_taken_in(desk: Desk, bad: str, words: str) -> None:
    code, told = desk.take(table(row("0"), bad))
    assert (code, keys()) == (1, ["0"])
    assert "line 3" in told
    assert words in told


def test_yuan_by_another_name_and_nul_in_a_text_are_taken_in(desk: Desk, cast: Cast) -> None:
    assert desk.take(table(row("1\0", "a\0b", amount="100000 RMB")))[0] == 0
    assert fact("1", "loss", cast) == {"amount": "100000.00", "currency": "CNY"}
    assert fact("1", "narrative", cast) == "ab"


def test_what_may_be_wrong_is_taken_in_and_named(desk: Desk) -> None:
    code, told = desk.take(table(row("1", phone="none")))
    assert (code, keys()) == (0, ["1"])
    assert "line 2 (1): taken in, but the phone 'none' has no digit" in told


def test_words_that_a_later_act_cannot_take_are_never_observed_away(desk: Desk) -> None:
    mapping = MAPPING + "  - {act: register, by: agent, at: Received, data: {loss: Name}}\n"
    mapping = mapping.replace("name: Name, ", "").replace(", loss: Amount", "")
    code, told = desk.take(table(row("1")), mapping=mapping)
    assert (code, keys()) == (1, [])
    assert "must be an amount of money" in told


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk) -> None:
    file = table(row("1"), row("2", amount="much"), row("1"))
    code, told = desk.take(file, "--dry-run")
    assert (code, Case.objects.count()) == (1, 0)
    assert "1 imported, 0 already there, 2 skipped" in told
    assert "A dry run: nothing of this is in the register." in told
    code, told = desk.take(file, "--dry-run", "--json")
    document = json.loads(told[told.index("{") :])
    assert (document["imported"], document["is_dry"]) == (1, True)
    assert desk.take(file)[0] == 1
    assert keys() == ["1"]


@pytest.mark.parametrize("delimiter", [";", "tab", "|"])
def test_a_file_may_be_delimited_otherwise(desk: Desk, delimiter: str) -> None:
    file = table(row("1")).replace(",", {"tab": "\t"}.get(delimiter, delimiter))
    code, told = desk.take(file)
    assert code == 2
    assert "Does the mapping name the right `delimiter`?" in told
    assert desk.take(file, mapping=MAPPING + f'delimiter: "{delimiter}"\n')[0] == 0
    assert keys() == ["1"]


@pytest.mark.parametrize(
    ("form", "written", "amount"),
    [
        ("1,234.5", '"1,234.50"', "1234.50"),
        ("1.234,5", '"1.234,50"', "1234.50"),
        ("1.234,5", "1.234", "1234.00"),
        ("1.234,5", '"EUR 1234,5"', "1234.50"),
        ("1 234,5", '"1\u202f234,50"', "1234.50"),
        ("1'234.5", "1'234.50 CHF", "1234.50"),
    ],
)
def test_numbers_are_read_in_the_form_of_the_mapping(
    desk: Desk, cast: Cast, form: str, written: str, amount: str
) -> None:
    code, told = desk.take(table(row("1", amount=written)), mapping=MAPPING + f'numbers: "{form}"\n')
    assert code == 0, told
    assert fact("1", "loss", cast)["amount"] == amount


@pytest.mark.parametrize(("form", "written"), [("1.234,5", "12.34"), ("1.234,5", "1234.50"), ("1 234,5", '"1 23,5"')])
def test_a_number_of_another_form_is_not_guessed_at(desk: Desk, form: str, written: str) -> None:
    code, told = desk.take(table(row("1", amount=written)), mapping=MAPPING + f'numbers: "{form}"\n')
    assert (code, keys()) == (1, [])
    assert f"is no number of the form {form}" in told


@pytest.mark.parametrize(
    ("serial", "written", "received"),
    [
        ("1900", "46083.4166666667", datetime(2026, 3, 2, 2, tzinfo=UTC)),  # 10:00 in Shanghai
        ("1900", "46083", datetime(2026, 3, 2, 4, tzinfo=UTC)),  # no time of day: noon
        ("1904", "44621", datetime(2026, 3, 2, 4, tzinfo=UTC)),
        ("1900", "2026-03-02 10:00", datetime(2026, 3, 2, 2, tzinfo=UTC)),
    ],
)
def test_times_may_be_the_days_that_spreadsheets_count(
    desk: Desk, serial: str, written: str, received: datetime
) -> None:
    assert desk.take(table(row("1", at=written)), mapping=MAPPING + f"serial: {serial}\n")[0] == 0
    assert Case.objects.get().received_at == received


@pytest.mark.parametrize("written", ["46083.4166666667", "2", "3000000"])
def test_a_bare_number_is_no_time_unless_the_mapping_says_so_and_it_can_be_one(desk: Desk, written: str) -> None:
    assert desk.take(table(row("1", at=written)))[0] == 1
    if "." not in written:
        assert desk.take(table(row("1", at=written)), mapping=MAPPING + "serial: 1900\n")[0] == 1
    assert not Case.objects.exists()


def test_dates_of_the_data_are_read_as_the_times_are(desk: Desk, cast: Cast) -> None:
    mapping = MAPPING.replace('"%Y-%m-%d"]', '"%d/%m/%Y"]').replace("loss: Amount", "occurred_on: Amount")
    assert desk.take(table(row("1", amount="01/03/2026")), mapping=mapping)[0] == 0
    assert fact("1", "occurred_on", cast) == 1772337600  # noon of 1 March in Shanghai: no hour was given
    code, told = desk.take(table(row("2", amount="05/03/2026")), mapping=mapping)
    assert code == 1
    assert "lies in the future" in told  # later than its receipt


def test_a_workbook_is_read_as_it_is_seen(desk: Desk, cast: Cast, tmp_path: Path) -> None:
    book = write_book(
        tmp_path / "old.xlsx",
        {
            "Notes": [["nothing here"]],
            "Complaints": [
                [*HEADING.split(","), ""],
                [1.0, TEN, "题目", "two\nlines, one cell", "张三", 13800138000.0, 99.5],
                [],
                ["", "", ""],
                [2.0, date(2026, 3, 2), "Title", "x", "Li", "0138", 100.0],
                [3.0, date(2026, 3, 2), "Title", "x", "Li", 6222021234567890123.0, 100.0],
                [4.0, "soon", "Title", "x", "Li", "138", 100.0],
            ],
        },
    )
    code, told = desk.take(book, mapping=MAPPING + "sheet: Complaints\n")
    assert (code, keys()) == (1, ["1", "2"])
    assert "line 6" in told
    assert "more than 15 digits" in told
    assert "line 7 (4)" in told
    assert Case.objects.get(source="old:1").received_at == datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert Case.objects.get(source="old:2").received_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert (fact("1", "phone", cast), fact("1", "narrative", cast)) == ("13800138000", "two\nlines, one cell")
    assert fact("1", "loss", cast) == {"amount": "99.50", "currency": "CNY"}
    assert_refolds(Case.objects.get(source="old:1"))
    code, told = desk.take(book)
    assert code == 2
    assert "has no column" in told
    code, told = desk.take(book, mapping=MAPPING + "sheet: Nowhere\n")
    assert code == 2
    assert "It has: Notes, Complaints." in told


def test_a_formula_without_a_result_is_no_empty_cell(desk: Desk, cast: Cast, tmp_path: Path) -> None:
    """Programs write formulas and leave the computing to whoever opens the file; errors have no value either."""
    rows = [[str(number), TEN, "Title", "x", "Li", "138", 100.0] for number in range(1, 6)]
    book = write_book(tmp_path / "old.xlsx", {"Complaints": [[*HEADING.split(","), "Unread"], *rows]})
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(book) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    formulas = {
        2: b"<c r='G2'><f>A1*2</f></c>",
        3: b"<c r='G3' t='e'><f>1/0</f><v>#DIV/0!</v></c>",
        4: b"<c r='G4'><f>2*50</f><v>100</v></c>",
        5: b"<c r='G5'><v>100</v></c><c r='H5' t='e'><v>#N/A</v></c>",  # which nobody reads
    }
    for line, cells in formulas.items():
        amount = b'<c r="G%d"><v>100.0</v></c>' % line
        assert amount in content[sheet]
        content[sheet] = content[sheet].replace(amount, cells)
    with zipfile.ZipFile(book, "w") as parts:
        for name, part in content.items():
            parts.writestr(name, part)
    code, told = desk.take(book)
    assert (code, keys()) == (1, ["3", "4", "5"])
    assert "line 2 (1): column 'Amount' says '#CALC!': the spreadsheet shows no result there" in told
    assert "line 3 (2): column 'Amount' says '#DIV/0!'" in told
    assert fact("3", "loss", cast)["amount"] == "100.00"


def test_merged_cells_say_for_each_row_what_they_show_and_a_hidden_sheet_is_not_the_first(
    desk: Desk, cast: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        notes, sheet = book.add_worksheet("Notes"), book.add_worksheet("Complaints")
        sheet.activate()
        notes.hide()
        sheet.write_row(0, 0, HEADING.split(","))
        for line, (key, at, details, amount) in enumerate(
            [("1", "2026-03-02", "x", 10), ("2", "", "y", ""), ("", "", "", ""), ("4", "2026-03-04", "z", 5)], 1
        ):
            sheet.write_row(line, 0, [key, at, "Title" if key else "", details, "", "", amount])
        sheet.merge_range("B2:B4", "2026-03-02")  # two complaints and an empty row
        sheet.merge_range("G2:G3", 10)
    code, told = desk.take(path)
    assert (code, keys()) == (0, ["1", "2", "4"])
    assert Case.objects.get(source="old:2").received_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert fact("2", "loss", cast)["amount"] == "10.00"
    assert "line 3 (2): taken in, but what column 'Received' says stands in cells merged over several rows" in told
    assert "line 3 (2): taken in, but what column 'Amount' says" in told
    assert "line 2 (1)" not in told


def test_a_merged_area_beside_the_table_says_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate((HEADING.split(","), ["1", "2026-03-02", "x"], ["2", "2026-03-02", "x"])):
            sheet.write_row(line, 0, row)
        sheet.merge_range("Z2:Z9", "")
    assert (desk.take(path)[0], keys()) == (0, ["1", "2"])


def test_merged_cells_of_an_open_document_say_for_each_row_what_they_show(
    desk: Desk, cast: Cast, tmp_path: Path
) -> None:
    """As those of XLSX: over hidden rows, rows that stand many times, tables within cells; not of a hidden sheet."""
    hidden = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/>'
    covered, none = open_cell(is_covered=True), open_cell(times=2)
    within = '<table:table-cell><table:table table:name="Complaints"><table:table-row><table:table-cell '
    within += 'table:number-rows-spanned="9"/></table:table-row></table:table></table:table-cell>'
    rows = [
        open_row(*map(open_cell, HEADING.split(","))),
        open_row(
            open_cell("1"),
            open_cell("2026-03-02", down=4),
            open_cell("T"),
            open_cell("x"),
            none,
            open_cell("10", down=2),
        ),
        open_row(open_cell("2"), covered, open_cell("T"), open_cell("x"), none, covered).replace(
            "<table:table-row", '<table:table-row table:visibility="collapse"'
        ),
        open_row(open_cell(), covered, open_cell(times=5), times=2),
        open_row(open_cell("5"), open_cell("2026-03-04"), open_cell("T"), open_cell("x"), none, open_cell("5"), within),
    ]
    notes = f'<table:table table:name="Notes" table:style-name="h">{open_row(open_cell("no", down=9))}</table:table>'
    table = f'<table:table table:name="Complaints">{"".join(rows)}</table:table>'
    path = write_open_document(tmp_path / "old.ods", notes + table, styles=hidden + "</style:style>")
    code, told = desk.take(path)
    assert (code, keys()) == (0, ["1", "2", "5"])
    assert Case.objects.get(source="old:2").received_at == datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert (fact("2", "loss", cast)["amount"], fact("5", "loss", cast)["amount"]) == ("10.00", "5.00")
    assert "line 3 (2): taken in, but what column 'Received' says stands in cells merged over several rows" in told
    assert "line 3 (2): taken in, but what column 'Amount' says" in told
    assert "line 6 (5)" not in told


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (open_row(open_cell("x", times=10**12), open_cell(down=10**12)), ""),
        (open_row(open_cell("x", down=10**12, across=10**12)) + open_row(open_cell("y")), ""),
        (open_row(open_cell("x")) + open_row(open_cell("x", times=10**9), times=10**9), "Cell limit exceeded"),
        (open_row(open_cell("x", down=2)).replace('"2"', '"two"'), "invalid literal"),
    ],
)
def test_an_open_document_that_says_a_billion_cells_in_a_few_bytes_ends_in_words(
    tmp_path: Path, cells: str, said: str
) -> None:
    path = write_open_document(tmp_path / "bomb.ods", f'<table:table table:name="A">{cells}</table:table>')
    assert path.stat().st_size < 2000
    told = ""
    try:
        assert sum(1 for _ in rows_of(path)) < 3
    except Unopened as error:
        told = str(error)
    assert said in told
    assert bool(said) == bool(told)


def test_a_workbook_that_is_none_is_told(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 and nothing more")
    assert desk.take(path)[0] == 2
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("letter.txt", "no workbook")
    code, told = desk.take(path)
    assert code == 2
    assert "the workbook cannot be read" in told


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told(desk: Desk, content: bytes) -> None:
    code, _told = desk.take(content)
    assert code == 2


def test_a_mapping_keeps_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAPPING, "utf-8")
    found = load_mapping(tmp_path / "map.yaml")
    assert (found.delimiter, found.numbers, found.serial, found.sheet) == (",", "1,234.5", None, None)
    with pytest.raises(MappingError):
        load_mapping(tmp_path)
    assert isinstance(found, ImportMapping)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["A\x001", "\x00", "K" * 300])
def test_no_key_ends_in_a_traceback(desk: Desk, key: str) -> None:
    code, told = desk.take(f"{HEADING}\n{key},2026-03-02 10:00,x,y,z,1,\nB2,2026-03-02 10:00,x,y,z,1,\n")
    assert code in {0, 1}
    assert "Traceback" not in told
    assert Case.objects.filter(source="old:B2").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "mapping", "said"),
    [
        (HEADING.encode("utf-16"), MAPPING, "this is UTF-16"),
        (HEADING.encode("utf-16-le"), MAPPING, "this is UTF-16-LE. Write `encoding: utf-16-le`"),
        (HEADING.encode("utf-16-be"), MAPPING, "this is UTF-16-BE. Write `encoding: utf-16-be`"),
        (HEADING.encode("utf-32"), MAPPING, "this is UTF-32. Write `encoding: utf-32`"),
        ("单号,内容".encode(), MAPPING + "encoding: gb18030\n", "this is UTF-8. Write `encoding: utf-8-sig`"),
        (HEADING.encode("utf-16"), MAPPING + "encoding: klingon\n", "there is no encoding"),
        (HEADING.encode("utf-16-le") + b"x", MAPPING + "encoding: utf-16-le\n", "is not utf-16-le"),
        (b"\xff" + HEADING.encode(), MAPPING, "line 1 is not utf-8"),
    ],
)
def test_an_encoding_that_does_not_fit_is_said_in_words(desk: Desk, file: bytes, mapping: str, said: str) -> None:
    code, told = desk.take(file, mapping=mapping)
    assert code == 2
    assert said in told
