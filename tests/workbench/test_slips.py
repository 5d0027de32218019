"""A pile of slips: each row becomes its complaint by itself, scans go to rows, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from builders import publish_policy
from cast import Cast, make_cast
from ombud.cases.access.case_access import Accessed, access_case, exchange, grant_of
from ombud.cases.models import Attachment, Case, Duty
from ombud.cases.reading import queries
from ombud.interface.resumable import TOKEN
from ombud.workbench import slip_rows
from samples import PNG
from uploading import uploaded

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
STUDENTS = "student-complaints"
PILE = {"policy": "customer-complaints", "channel": "store", "language": "zh"}


def row(key: str, **said: object) -> dict[str, object]:
    return {f"{key}-{name}": value for name, value in said.items()}


def facts_of(accessed: Accessed) -> dict[str, object]:
    return {each.field: each.value for each in queries.facts(accessed)}


def test_each_row_becomes_its_complaint_with_its_receipt(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    sent = {**PILE, "slip": ["a", "b", "c"], **row("a", narrative="水壶漏水\n第二次了", name="李", phone="13800138000")}
    answer = lin.post("/desk/slips/", {**sent, **row("b", narrative="灯不亮")}, follow=True)
    assert answer.status_code == 200
    assert "2 slips were recorded." in answer.content.decode()
    first, second = Case.objects.order_by("pk")
    assert (first.channel, first.language) == ("store", "zh")
    page = lin.get(f"/desk/cases/{first.reference}/").content.decode()
    assert "第二次了" in page
    assert "name" not in facts_of(access_case(cast.lin, second.reference))
    receipts = lin.get("/desk/slips/receipts/")
    assert receipts.content.decode().count("<svg") >= 2
    by_reference = {each.reference: each for each in receipts.context["receipts"]}
    told = by_reference[first.reference]
    assert told.link.endswith(f"/track/{first.reference}/{told.secret}/")
    assert exchange(first.reference, told.secret, client="a", now=first.received_at).reference == first.reference


def test_what_is_wrong_in_one_row_costs_no_other_row_and_no_word(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    sent = {**PILE, "slip": ["a", "b"], **row("a", narrative="漏水", phone="x"), **row("b", narrative="灯不亮")}
    answer = lin.post("/desk/slips/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert Case.objects.count() == 1
    assert "漏水" in page
    assert 'value="a"' in page
    assert 'value="b"' not in page
    again = {**PILE, "slip": ["a"], **row("a", narrative="漏水", phone="13800138000")}
    assert [lin.post("/desk/slips/", again).status_code for _ in range(2)] == [302, 302]
    assert Case.objects.count() == 2
    changed = {**PILE, "slip": ["a"], **row("a", narrative="漏水，退款", phone="13800138000")}
    answer = lin.post("/desk/slips/", changed)
    assert answer.status_code == 422
    assert "recorded already with other words" in answer.content.decode()


def test_where_the_policy_takes_nothing_anonymous_it_is_refused_with_the_clause(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    sent = {**PILE, "slip": ["a"], **row("a", narrative="漏水", anonymous="on")}
    for answer in (
        lin.post("/desk/slips/", sent),
        lin.post("/desk/record/", {**PILE, "subject": "漏水", "anonymous": "on"}),
    ):
        page = answer.content.decode()
        assert answer.status_code in (409, 422)
        assert "The policy takes no anonymous complaints by this channel." in page
    assert 'data-ref="1.1.3"' in lin.post("/desk/slips/", sent).content.decode()
    assert not Case.objects.exists()


def test_a_name_and_anonymous_at_once_is_asked_about(cast: Cast, sign_in: SignIn) -> None:
    sent = {**PILE, "slip": ["a"], **row("a", narrative="漏水", name="李", anonymous="on")}
    answer = sign_in("lin").post("/desk/slips/", sent)
    assert answer.status_code == 422
    assert "Either a name, or anonymous." in answer.content.decode()


def test_a_pile_without_a_word_is_answered_in_words(cast: Cast, sign_in: SignIn) -> None:
    lin = sign_in("lin")
    empty = lin.post("/desk/slips/", {**PILE, "slip": ["a"]}, follow=True).content.decode()
    assert "Nothing was recorded: no row holds anything yet." in empty
    full = lin.post("/desk/slips/", {**PILE, "slip": ["a"], **row("a", narrative="漏水")}, follow=True).content.decode()
    assert "Nothing was recorded" not in full


def test_a_pile_of_scans_is_dealt_out_row_by_row_and_goes_along(cast: Cast, sign_in: SignIn, media: object) -> None:
    lin = sign_in("lin")
    tokens = [uploaded(lin, PNG, name)[TOKEN] for name in ("scan10.png", "scan2.png")]
    page = lin.post("/desk/slips/", {**PILE, "slip": ["a"], "scans-stored": tokens})
    assert page.status_code == 200
    rows = [each for each, _refusals in page.context["rows"] if not each.is_empty]
    assert [each.form["evidence"].field.input.stored[0].name for each in rows] == ["scan2.png", "scan10.png"]
    first, second = rows
    sent = {**PILE, "slip": [first.key, second.key], f"{first.key}-evidence-stored": [tokens[1]]}
    sent |= {
        f"{second.key}-evidence-stored": [tokens[0]],
        **row(first.key, narrative="一"),
        **row(second.key, narrative="二"),
    }
    assert lin.post("/desk/slips/", sent).status_code == 302
    linked = {each.case.pk for each in Attachment.objects.all() if each.case}
    assert len(linked) == 2


def test_scans_that_come_along_with_the_form_are_dealt_out_too(cast: Cast, sign_in: SignIn, media: object) -> None:
    lin = sign_in("lin")
    scans = [SimpleUploadedFile(name, PNG) for name in ("scan10.png", "scan2.png")]
    bad = SimpleUploadedFile("run.exe", b"MZ" + b"\0" * 200)
    page = lin.post("/desk/slips/", {**PILE, "slip": ["a"], "scans": [*scans, bad]})
    assert page.status_code == 200
    rows = [each for each, _refusals in page.context["rows"] if not each.is_empty]
    assert [each.form["evidence"].field.input.stored[0].name for each in rows] == ["scan2.png", "scan10.png"]
    assert "“run.exe” is of a kind that is not taken in." in page.content.decode()


def test_more_scans_than_a_page_has_rows_wait_and_none_is_lost(
    cast: Cast, sign_in: SignIn, media: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slip_rows, "MOST", 2)
    lin = sign_in("lin")
    tokens = [uploaded(lin, PNG, f"scan{number}.png")[TOKEN] for number in (1, 2, 3)]
    page = lin.post("/desk/slips/", {**PILE, "slip": ["a"], "scans-stored": tokens})
    rows = [each for each, _refusals in page.context["rows"]]
    assert len(rows) == 2
    assert [file.name for _token, file in page.context["left"]] == ["scan3.png"]
    left = [token for token, _file in page.context["left"]]
    sent = {**PILE, "slip": [each.key for each in rows], "scans-stored": left}
    for each, token in zip(rows, tokens, strict=False):
        sent |= {f"{each.key}-evidence-stored": [token], **row(each.key, narrative="漏水")}
    page = lin.post("/desk/slips/", sent)
    assert (page.status_code, Case.objects.count()) == (200, 2)
    assert f'name="scans-stored" value="{left[0]}"' in page.content.decode()
    page = lin.post("/desk/slips/", {**PILE, "slip": ["c"], "scans-stored": left})
    assert page.context["left"] == []
    [dealt] = [each for each, _refusals in page.context["rows"] if not each.is_empty]
    assert dealt.form["evidence"].field.input.stored[0].name == "scan3.png"


def test_a_full_page_fits_into_one_request(cast: Cast, sign_in: SignIn) -> None:
    keys = [f"k{number}" for number in range(slip_rows.MOST)]
    sent: dict[str, object] = {**PILE, "slip": keys}
    for key in keys:
        sent |= row(key, narrative="", name="", phone="", anonymous="", language="", **{"evidence-stored": "x"})
    assert sign_in("lin").post("/desk/slips/", sent).status_code == 302  # 400 would lose all that was typed


@pytest.mark.parametrize("key", ['"><script>alert(1)</script>', "a b", "{{ 7 * 7 }}", "-" * 400, "\u202e\u0000"])
def test_the_key_of_a_row_may_be_anything_and_runs_nowhere(cast: Cast, sign_in: SignIn, key: str) -> None:
    lin = sign_in("lin")
    answer = lin.post("/desk/slips/", {**PILE, "slip": [key], **row(key[:50], narrative="漏水", phone="x")})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()
    assert not Case.objects.exists()


def test_a_scan_that_is_none_is_refused_in_words_and_somebody_elses_is_not_taken(
    cast: Cast, sign_in: SignIn, media: object
) -> None:
    lin = sign_in("lin")
    bad = uploaded(lin, b"MZ" + b"\0" * 200, "run.exe")
    assert (bad.status_code, "not taken in" in bad.json()["error"]) == (422, True)
    token = uploaded(lin, PNG, "a.png")[TOKEN]
    sent = {**PILE, "slip": ["a"], **row("a", narrative="一"), "a-evidence-stored": [token]}
    assert sign_in("sun").post("/desk/slips/", sent).status_code == 422
    assert not Case.objects.exists()


def test_the_page_is_for_those_who_may_receive(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("nobody").get("/desk/slips/").status_code == 403
    assert Client().get("/desk/slips/").status_code == 302
    page = sign_in("lin").get("/desk/slips/").content.decode()
    assert len(re.findall(r'name="slip" value="[^"]+"', page)) == 5
    assert "autofocus" in page


def test_a_box_opened_at_five_counts_from_then(db: None) -> None:
    """Student 4.3, 5.1, 5.2: from the box at 17:00, typed in at 17:20 by a teacher: passed on by 17:30."""
    publish_policy(STUDENTS)
    cast = make_cast(STUDENTS, {"tang": ("receiver", "teaching")})
    with time_machine.travel(datetime(2026, 3, 3, 9, 20, tzinfo=UTC), tick=False):
        tang = Client(headers={"accept-language": "en"})
        tang.force_login(cast.people["tang"])
        sent = {"policy": STUDENTS, "channel": "box", "language": "zh", "slip": ["a"], "occurred": "2026-03-03T17:00"}
        answer = tang.post("/desk/slips/", {**sent, **row("a", narrative="教室太吵", anonymous="on")})
        assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get()
    assert facts_of(access_case(grant_of(case), case.reference))["name"] == "匿名"
    assert (case.channel, case.received_at) == ("box", datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    due = {each.duty: each.due_at for each in Duty.objects.filter(case=case)}
    assert datetime(2026, 3, 3, 9, 30, tzinfo=UTC) in due.values(), due
