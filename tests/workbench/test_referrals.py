"""Work orders of an authority: a table from outside becomes cases with its own deadline, and goes back answered."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from channels.workbooks import write_book
from ombud.cases.commands import perform
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Attachment, Case, Content, Duty, Recusal
from ombud.channels.orders import sheets
from ombud.channels.orders.returning import cells_of
from ombud.correspondence.models import OrderSheet, WorkOrder
from ombud.organisation import address_book
from ombud.organisation.models import Outsider
from overseas import POLICY, Overseas, make_overseas

pytestmark = pytest.mark.django_db
HEADING = ["工单编号", "派单时间", "办理时限", "诉求内容", "来电人", "联系电话", "承办单位", "办理结果", "办结时间"]
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # Wednesday, 10:00 in Berlin
ONE = [
    "BE-2026-0001",
    "2026-03-04 09:30",
    "2026-03-10",
    "=1+1 设备到货即损坏",
    "Müller",
    "+49 30 123456",
    "客服部",
    "",
    "",
]


@pytest.fixture
def clock() -> object:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people(clock: object, media: object) -> Overseas:
    return make_overseas()


@pytest.fixture
def authority(people: Overseas) -> Outsider:
    given = {
        "role": "regulator",
        "names": {"zh": "柏林消费者保护局", "en": "Berlin Consumer Office"},
        "email": "x@example.org",
    }
    return address_book.keep(None, given, by=people.mo, now=timezone.now())


@pytest.fixture
def anna(people: Overseas) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.anna)
    return client


def book(tmp_path: Path, *rows: list[str], title: bool = False) -> SimpleUploadedFile:
    above = [["12345热线工单"]] if title else []
    path = write_book(tmp_path / "orders.xlsx", {"工单": [*above, HEADING, *rows]})
    return SimpleUploadedFile("orders.xlsx", path.read_bytes())


def send(client: Client, authority: Outsider, file: SimpleUploadedFile, **more: str):
    return client.post("/desk/referrals/", {"policy": POLICY, "authority": authority.pk, "file": file, **more})


def take_in(client: Client, authority: Outsider, file: SimpleUploadedFile, **more: str):
    """Send a first table and answer which column says what, as the page guesses it."""
    page = send(client, authority, file)
    assert page.status_code == 200, page.content.decode()[-3000:]
    guessed = {f"column-{part}": name for part, name in sheets.guessed(HEADING).items()}
    said = {name: page.context["form"].initial.get(name, "") for name in ("channel", "language", "answer", "zone")}
    sent = {"policy": POLICY, "authority": authority.pk, "token": page.context["sent"].token, "columns": "1"}
    return client.post("/desk/referrals/columns/", {**sent, **said, **guessed, "zone": "Europe/Berlin", **more})


def test_a_table_becomes_cases_with_the_authoritys_own_deadline(
    anna: Client, authority: Outsider, tmp_path: Path
) -> None:
    """Overseas 33: contact within one working hour from the hand-over, and the authority's own date beside it."""
    answer = take_in(anna, authority, book(tmp_path, ONE, title=True), country="DE")
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    order = WorkOrder.objects.get()
    case = order.case
    assert (case.channel, case.received_at) == ("regulator", datetime(2026, 3, 4, 8, 30, tzinfo=UTC))
    assert order.due_at == datetime(2026, 3, 10, 22, 59, 59, tzinfo=UTC)
    due = {each.duty: each.due_at for each in Duty.objects.filter(case=case, status="open")}
    assert due["contact_regulator"] == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    assert due["answer_regulator_dated"].astimezone(UTC).date() <= datetime(2026, 3, 10, tzinfo=UTC).date()
    page = anna.get(f"/desk/cases/{case.reference}/").content.decode()
    assert "BE-2026-0001" in page
    assert "Berlin Consumer Office" in page
    assert "x@example.org" in page
    assert "Work order" in page


def test_the_second_table_asks_nothing_and_what_is_there_is_not_taken_in_again(
    anna: Client, authority: Outsider, tmp_path: Path
) -> None:
    take_in(anna, authority, book(tmp_path, ONE), country="DE")
    two = ["BE-2026-0002", *ONE[1:]]
    answer = send(anna, authority, book(tmp_path, ONE, two))
    assert answer["Location"] == f"/desk/referrals/{OrderSheet.objects.get().pk}/"
    assert sorted(WorkOrder.objects.values_list("number", flat=True)) == ["BE-2026-0001", "BE-2026-0002"]
    again = send(anna, authority, book(tmp_path, ONE), again="on")
    assert again.status_code == 200
    assert again.context["form"].initial["zone"] == "Europe/Berlin"


def test_a_row_that_is_wrong_is_told_by_its_line_and_costs_no_other(
    anna: Client, authority: Outsider, tmp_path: Path
) -> None:
    bad = [["", *ONE[1:]], ["B-2", "soon", *ONE[2:]], ["B-3", "2027-01-01", *ONE[2:]], ["9" * 200, *ONE[1:]]]
    answer = take_in(anna, authority, book(tmp_path, *bad, ONE), country="DE")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert [each.line for each in answer.context["taken"].problems] == [2, 3, 4, 5]
    assert "“soon” is no time that can be read." in page
    assert "It was handed on in the future." in page
    assert WorkOrder.objects.get().number == "BE-2026-0001"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\x01\x02", "no table that can be read"),
        ("工单编号,诉求内容\n".encode(), "no rows below"),
        ("编号,编号\n1,2\n".encode(), "Two columns have the same heading"),
    ],
)
def test_what_is_no_table_is_said(anna: Client, authority: Outsider, content: bytes, said: str) -> None:
    answer = send(anna, authority, SimpleUploadedFile("orders.csv", content))
    assert answer.status_code == 422
    assert said in answer.content.decode() or "is not taken in" in answer.content.decode()
    assert send(anna, authority, SimpleUploadedFile("o.csv", b""), token="x").status_code == 422


def test_a_damaged_book_is_told_from_an_archive(anna: Client, authority: Outsider) -> None:
    content = b"PK\x03\x04" + b"\0" * 500
    for name, said in (("orders.xlsx", "“orders.xlsx” is damaged, or not what"), ("orders.zip", "is an archive")):
        sent = {"policy": POLICY, "authority": authority.pk, "file": SimpleUploadedFile(name, content)}
        answer = anna.post("/desk/referrals/", sent)
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_a_book_with_a_cell_far_out_is_refused_and_ends_nobody(
    anna: Client, authority: Outsider, tmp_path: Path
) -> None:
    with xlsxwriter.Workbook(tmp_path / "far.xlsx") as made:
        sheet = made.add_worksheet()
        for where in ((0, 0), (0, 1), (1, 0), (2**20 - 1, 2**14 - 1)):
            sheet.write(*where, "x")
    content = (tmp_path / "far.xlsx").read_bytes()
    answer = send(anna, authority, SimpleUploadedFile("far.xlsx", content))
    assert answer.status_code == 422
    assert "This is no table that can be read." in answer.content.decode()


def test_a_table_waits_for_the_scanner_as_every_file(anna: Client, authority: Outsider, settings: object) -> None:
    settings.OMBUD_CLAMD = "unix:///nobody"
    sent = {"policy": POLICY, "authority": authority.pk, "file": SimpleUploadedFile("orders.csv", b"a,b\n1,2\n")}
    answer = anna.post("/desk/referrals/", sent)
    assert answer.status_code == 422
    assert "“orders.csv” is still being scanned for viruses." in answer.content.decode()
    Content.objects.update(verdict="clean")
    sent["file"] = SimpleUploadedFile("orders.csv", b"a,b\n1,2\n")
    assert anna.post("/desk/referrals/", sent).status_code == 200


def test_a_table_in_the_letters_of_a_chinese_spreadsheet_is_read(anna: Client, authority: Outsider) -> None:
    text = ",".join(HEADING) + "\n" + ",".join(ONE)
    page = send(anna, authority, SimpleUploadedFile("orders.csv", text.encode("gb18030")))
    assert page.context["sent"].table.heading == tuple(HEADING)


def test_answers_go_back_in_the_same_columns_once(
    anna: Client, people: Overseas, authority: Outsider, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    take_in(anna, authority, book(tmp_path, ONE, ["BE-2", *ONE[1:]]), country="DE", answer="regulator_report")
    sheet, case = OrderSheet.objects.get(), Case.objects.get(work_order__number="BE-2026-0001")
    address = f"/desk/referrals/{sheet.pk}/"
    assert anna.post(address)["Location"] == address  # nothing was answered yet
    clock.shift(timedelta(minutes=30))
    now = timezone.now()
    actor = people.actor("anna")
    perform(case, "answer_regulator", actor=actor, at=now, now=now, data={"regulator_report": "已换新，附照片。"})
    answer = anna.post(address)
    content = b"".join(answer.streaming_content)
    heading, row = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert heading == HEADING
    assert row == [*ONE[:7], "已换新，附照片。", "2026-03-04 10:30:00"]
    assert WorkOrder.objects.get(case=case).returned_at == now
    assert anna.post(address)["Location"] == address
    assert anna.post(address, {"all": "1"}).status_code == 200


def test_who_may_not_receive_sees_nothing_of_it(
    people: Overseas, authority: Outsider, anna: Client, tmp_path: Path
) -> None:
    take_in(anna, authority, book(tmp_path, ONE), country="DE")
    lau = Client(headers={"accept-language": "en"})
    lau.force_login(people.lau)
    assert lau.get("/desk/referrals/").status_code == 403
    assert lau.get(f"/desk/referrals/{OrderSheet.objects.get().pk}/").status_code == 403
    assert anna.get("/desk/referrals/999/").status_code == 404


def test_orders_of_cases_that_the_reader_may_not_see_are_neither_listed_nor_counted(
    people: Overseas, authority: Outsider, anna: Client, tmp_path: Path
) -> None:
    take_in(anna, authority, book(tmp_path, ONE, ["BE-2", *ONE[1:]]), country="DE")
    hidden, sheet = WorkOrder.objects.get(number="BE-2"), OrderSheet.objects.get()
    Recusal.objects.create(case=hidden.case, person=people.anna, reason="kin", at=NOW)
    page = anna.get(f"/desk/referrals/{sheet.pk}/").content.decode()
    assert ("BE-2026-0001" in page, "BE-2<" in page) == (True, False)
    assert hidden.case.reference not in page
    (row,) = anna.get("/desk/referrals/").context["rows"]
    assert (row.all, row.waiting) == (1, 1)
    again = send(anna, authority, book(tmp_path, ["BE-3", "soon", *ONE[2:]]))  # with a row that is not taken in
    assert (again.status_code, hidden.case.reference in again.content.decode()) == (422, False)


def test_what_waits_stands_first_and_what_has_no_date_last_whatever_the_database(
    anna: Client, authority: Outsider, tmp_path: Path
) -> None:
    rows = [
        ["returned", *ONE[1:]],
        ["undated", ONE[1], "", *ONE[3:]],
        ["late", ONE[1], "2026-04-01", *ONE[3:]],
        ["soon", ONE[1], "2026-03-05", *ONE[3:]],
    ]
    take_in(anna, authority, book(tmp_path, *rows), country="DE")
    WorkOrder.objects.filter(number="returned").update(returned_at=NOW)
    orders = anna.get(f"/desk/referrals/{OrderSheet.objects.get().pk}/").context["orders"]
    assert [each.number for each, _phase in orders] == ["soon", "late", "undated", "returned"]
    assert all(phase["en"] for _each, phase in orders)


def test_the_cells_go_with_the_complainants_key(
    people: Overseas, authority: Outsider, anna: Client, tmp_path: Path
) -> None:
    take_in(anna, authority, book(tmp_path, ONE), country="DE")
    order = WorkOrder.objects.select_related("case__complainant").get()
    assert "Müller" not in str(order.cells)
    assert cells_of(order)["来电人"] == "Müller"
    erase(order.case.complainant, now=timezone.now())
    assert cells_of(WorkOrder.objects.select_related("case__complainant").get()) == {}
    assert anna.get("/desk/referrals/").status_code == 200
    assert not Attachment.objects.exclude(case=None).exists()
