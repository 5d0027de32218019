"""A monthly report in the pages: its figures are there when it is owed; it is written, handed in, kept as files."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from builders import make_case, shipped_pack
from carried import send_queued
from cast import Cast
from ombud.cases.commands import perform
from ombud.cases.models import Attachment, Case, Duty, Event, Recusal
from ombud.clock import periodic
from ombud.insight import keeping
from ombud.insight.reports import drafting, sending
from ombud.insight.reports.models import Frozen, Report, Written
from ombud.interface.browser_zone import ZONE_COOKIE
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from ombud.organisation.sender import sender
from ombud.papers.report import Cell, Part, ReportPaper, Table
from ombud.policy.loader import shipped
from ombud.policy.model.reports import Section
from ombud.workbench.packs import pack_of
from ombud.workbench.report_links import with_links

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 3, 31, 1, tzinfo=UTC)
WORDS = {"analysis": "Kettles leak at the seam.", "improvements": "- Another seam\n- A second test"}


@pytest.fixture
def matter(cast: Cast, media: Path) -> Iterator[Case]:
    """The month's analysis, opened by the clock, after two complaints of the month."""
    make_case()
    make_case()
    with time_machine.travel(DUE, tick=False):
        periodic.open_due(now=DUE)
        keeping.keep(now=DUE)
        assert drafting.begin_owed(now=DUE) == 3  # those of January and February were never opened
        yield Case.objects.get(procedure="monthly_analysis", received_at=DUE)


@pytest.fixture
def browser(cast: Cast) -> Callable[[str], Client]:
    def signed_in(who: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(cast.people[who])
        return client

    return signed_in


def address(case: Case) -> str:
    return f"/desk/cases/{case.reference}/reports/submit_analysis/"


def test_its_figures_are_there_when_it_is_owed(matter: Case, browser: Callable[[str], Client]) -> None:
    case_page = browser("wei").get(f"/desk/cases/{matter.reference}/").content.decode()
    assert address(matter) in case_page
    page = browser("wei").get(address(matter)).content.decode()
    assert "March 1, 2026 \u2013 March 31, 2026" in page
    frozen = Frozen.objects.get(report__case=matter)
    [received, *_rest] = frozen.content["sections"][0]["rows"]
    assert (received["measure"], received["now"]["value"], received["before"]["value"]) == ("received", 2, 0)
    assert frozen.hash in page
    assert drafting.begin_owed(now=DUE) == 0


def test_it_is_written_handed_in_and_kept_with_the_matter(matter: Case, browser: Callable[[str], Client]) -> None:
    wei = browser("wei")
    kept = wei.post(address(matter), {**WORDS, "do": "keep", "seen": "0"}).content.decode()
    assert 'value="1"' in kept
    assert "Kettles leak at the seam." in wei.get(address(matter)).content.decode()
    wei.post(address(matter), {**WORDS, "do": "hand-in", "seen": "1"})
    event = Event.objects.get(case=matter, act="submit_analysis")
    assert {each["type"] for each in event.data["evidence"]} >= {"application/pdf"}
    assert Attachment.objects.filter(case=matter, linked_seq=event.seq).count() == len(event.data["evidence"])
    matter.refresh_from_db()
    assert matter.phase == "reviewing"
    page = browser("gao").get(address(matter)).content.decode()
    assert "Kettles leak at the seam." in page
    assert "Every figure is the same today." in page


def test_cases_that_it_lists_are_one_click_away(matter: Case, browser: Callable[[str], Client]) -> None:
    wei, late = browser("wei"), Case.objects.filter(procedure="complaint").earliest("pk")
    Duty.objects.filter(case=late).update(breached_at=DUE)
    wei.post(address(matter), {"do": "count", "seen": "0"})
    page = wei.get(address(matter)).content.decode()
    assert re.findall(r'class="reference" href="/desk/cases/([^/]+)/"', page) == [late.reference]


@pytest.mark.parametrize(
    ("zone", "span"),
    [
        ("Asia/Shanghai", "2026-03-01..2026-03-31"),
        ("America/New_York", "2026-03-01T00:00:00+08:00..2026-04-01T00:00:00+08:00"),
    ],
)
def test_its_numbers_open_the_complaints_that_count_today(
    matter: Case, browser: Callable[[str], Client], zone: str, span: str
) -> None:
    reader = browser("wei")
    reader.cookies[ZONE_COOKIE] = zone
    page = reader.get(address(matter)).content.decode()
    assert "A number opens the complaints that count today" in page
    found = re.findall(r'<a href="(/desk/overview/cases/[^"]+)">([^<]+)</a>', page)
    assert {number for _address, number in found} >= {"2"}
    for there, number in found:
        answer = reader.get(html.unescape(there))
        assert answer.status_code == 200, there
        assert f"span={span}" in unquote(there)
        if number == "2":
            assert answer.content.decode().count('<a class="item" href="/desk/cases/') == 2, there
    make_case(minutes=60)
    keeping.keep(now=DUE)
    listed = reader.get(html.unescape(found[0][0])).content.decode()
    assert listed.count('<a class="item" href="/desk/cases/') == 3
    assert f">{found[0][1]}</a>" in reader.get(address(matter)).content.decode(), "the report stays as it was"


def test_a_file_whose_name_is_masked_is_told_by_its_kind(matter: Case, browser: Callable[[str], Client]) -> None:
    browser("wei").post(address(matter), {**WORDS, "do": "hand-in", "seen": "0"})
    page = browser("ai").get(f"/desk/cases/{matter.reference}/").content.decode()
    for kind in ("PDF", "DOCX", "XLSX"):
        assert f"{kind} file" in page
    assert f"{matter.reference}-monthly_analysis" not in page


def test_a_figure_that_was_corrected_later_is_shown_as_such(matter: Case, browser: Callable[[str], Client]) -> None:
    browser("wei").post(address(matter), {**WORDS, "do": "hand-in", "seen": "0"})
    before = Frozen.objects.get(report__case=matter).hash
    with time_machine.travel(DUE + timedelta(hours=1), tick=False):
        make_case()  # entered late: it came in within the month
        keeping.keep(now=DUE + timedelta(hours=1))
        page = browser("gao").get(address(matter)).content.decode()
    assert "today: 3" in page
    assert "stays as it was" in page
    assert Frozen.objects.get(report__case=matter).hash == before


def test_who_writes_over_somebody_else_is_told_and_keeps_their_words(
    matter: Case, browser: Callable[[str], Client]
) -> None:
    wei = browser("wei")
    wei.post(address(matter), {**WORDS, "do": "save", "seen": "0"})
    with time_machine.travel(DUE + timedelta(minutes=5), tick=False):  # in another window, left open
        late = wei.post(address(matter), {**WORDS, "analysis": "Mine.", "do": "save", "seen": "0"})
    assert late.status_code == 409
    assert "Mine." in late.content.decode()
    assert Written.objects.count() == 1


def test_who_hands_in_while_their_page_keeps_their_words_writes_over_nobody(
    matter: Case, browser: Callable[[str], Client]
) -> None:
    wei = browser("wei")
    wei.post(address(matter), {**WORDS, "do": "keep", "seen": "0"})
    done = wei.post(address(matter), {**WORDS, "analysis": "The last words.", "do": "hand-in", "seen": "0"})
    assert done.status_code == 302
    assert Event.objects.filter(case=matter, act="submit_analysis").exists()


def test_no_field_of_a_policy_is_called_as_the_page_calls_its_own(
    matter: Case, browser: Callable[[str], Client]
) -> None:
    page = browser("wei").get(address(matter)).content.decode()
    own = set(re.findall(r'name="([^"]+)"', page)) - set(pack_of(matter).fields)
    assert {"do", "seen"} < own
    for name in shipped():
        assert own.isdisjoint(shipped_pack(name).fields)


def test_a_clause_says_today_s_numbers_where_its_rate_reads_the_same(
    matter: Case, browser: Callable[[str], Client]
) -> None:
    browser("wei").post(address(matter), {**WORDS, "do": "hand-in", "seen": "0"})
    with time_machine.travel(DUE + timedelta(hours=1), tick=False):
        make_case()
        keeping.keep(now=DUE + timedelta(hours=1))
        page = browser("gao").get(address(matter)).content.decode()
    [rows] = re.findall(r"<caption[^>]*>Clause by clause</caption>(.*?)</table>", page, re.DOTALL)
    assert re.search(r'data-label="Owed">\s*2\s*<span class="tiny faint">today: 3</span>', rows)


def test_counting_anew_keeps_the_figures_before(matter: Case, browser: Callable[[str], Client]) -> None:
    make_case()
    keeping.keep(now=DUE)
    browser("wei").post(address(matter), {"do": "count", "seen": "0"})
    first, second = Frozen.objects.filter(report__case=matter).order_by("number")
    assert first.content["sections"][0]["rows"][0]["now"]["value"] == 2
    assert second.content["sections"][0]["rows"][0]["now"]["value"] == 3
    assert second.by is not None


def test_who_looked_at_other_figures_or_comes_too_late_is_told_and_keeps_their_words(
    matter: Case, browser: Callable[[str], Client]
) -> None:
    wei = browser("wei")
    wei.post(address(matter), {"do": "count", "seen": "0", "counted-as": "1"})
    old = wei.post(address(matter), {**WORDS, "do": "hand-in", "seen": "0", "counted-as": "1"})
    assert old.status_code == 409
    assert "counted anew meanwhile" in old.content.decode()
    assert "Kettles leak" in old.content.decode()
    assert not Event.objects.filter(case=matter, act="submit_analysis").exists()
    assert wei.post(address(matter), {**WORDS, "do": "hand-in", "seen": "1", "counted-as": "2"}).status_code == 302


def test_what_the_act_needs_is_asked_for(matter: Case, browser: Callable[[str], Client]) -> None:
    answer = browser("wei").post(address(matter), {"analysis": "x", "do": "hand-in", "seen": "0"})
    assert answer.status_code == 422
    assert not Event.objects.filter(case=matter, act="submit_analysis").exists()


def test_nobody_else_writes_in_it_and_strangers_see_nothing(matter: Case, browser: Callable[[str], Client]) -> None:
    assert browser("gao").post(address(matter), {**WORDS, "do": "save", "seen": "0"}).status_code == 403
    assert browser("deng").get(address(matter)).status_code == 404
    assert browser("wei").get(address(matter).replace("submit_analysis", "accept_analysis")).status_code == 404
    assert not Written.objects.exists()


def test_who_sees_personal_data_masked_reads_words_without_numbers_and_names(
    matter: Case, browser: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {**WORDS, "analysis": "Kettles leak, says 13812345678."}
    browser("wei").post(address(matter), {**said, "do": "save", "seen": "0"})
    assert "13812345678" in browser("ai").get(address(matter)).content.decode()
    analysis = drafting.wanted_pack(matter).fields["analysis"]
    monkeypatch.setattr(type(analysis), "is_personal", True)
    page = browser("ai").get(address(matter)).content.decode()
    assert "Kettles" in page
    assert "13812345678" not in page


def test_its_papers_are_handed_out(matter: Case, browser: Callable[[str], Client]) -> None:
    wei = browser("wei")
    wei.post(address(matter), {**WORDS, "do": "save", "seen": "0"})
    pdf = wei.get(address(matter) + "pdf/")
    assert b"".join(pdf.streaming_content)[:5] == b"%PDF-"
    assert wei.get(address(matter) + "exe/").status_code == 404
    assert Report.objects.get(case=matter).handed_in_at is None


def test_it_is_mailed_to_whom_the_policy_names_once_it_is_issued(
    matter: Case, browser: Callable[[str], Client], cast: Cast
) -> None:
    browser("wei").post(address(matter), {**WORDS, "do": "hand-in", "seen": "0"})
    assert sending.send_waiting(now=DUE) == 0  # the management has not accepted it
    perform(matter, "accept_analysis", actor=cast.actor("gao"), at=DUE, now=DUE)
    assert sending.send_waiting(now=DUE) == 1
    assert sending.send_waiting(now=DUE) == 0
    mail.outbox.clear()
    send_queued(now=DUE + timedelta(minutes=1))
    assert {each.to[0] for each in mail.outbox} == {"gao@example.com", "wei@example.com"}
    assert [len(each.attachments) for each in mail.outbox] == [2, 2]
    assert address(matter) in mail.outbox[0].body


def test_who_was_taken_out_of_the_matter_is_not_mailed_its_report(
    matter: Case, browser: Callable[[str], Client], cast: Cast
) -> None:
    browser("wei").post(address(matter), {**WORDS, "do": "hand-in", "seen": "0"})
    perform(matter, "accept_analysis", actor=cast.actor("gao"), at=DUE, now=DUE)
    Recusal.objects.create(case=matter, person=cast.wei, reason="A relative", at=DUE)
    assert sending.send_waiting(now=DUE) == 1
    mail.outbox.clear()
    send_queued(now=DUE + timedelta(minutes=1))
    assert {each.to[0] for each in mail.outbox} == {"gao@example.com"}


def test_who_cannot_be_mailed_is_told_in_the_desk_and_whoever_issues_sees_why(
    matter: Case, browser: Callable[[str], Client], cast: Cast
) -> None:
    Person.objects.filter(pk=cast.wei.pk).update(email="")
    gao = browser("gao")
    browser("wei").post(address(matter), {**WORDS, "do": "hand-in", "seen": "0"})
    before = gao.get(address(matter)).content.decode()
    assert "Cannot be mailed to" in before
    assert "They will get a notice in the desk instead." in before
    perform(matter, "accept_analysis", actor=cast.actor("gao"), at=DUE, now=DUE)
    assert sending.send_waiting(now=DUE) == 1
    mail.outbox.clear()
    send_queued(now=DUE + timedelta(minutes=1))
    assert {each.to[0] for each in mail.outbox} == {"gao@example.com"}
    kinds = ("report", "not-mailed")
    told = Notice.objects.filter(case=matter, kind__in=kinds).order_by("kind").values_list("person", "kind")
    assert list(told) == [(cast.gao.pk, "not-mailed"), (cast.wei.pk, "report")]
    assert (
        "A report was issued that could not be mailed to you" in browser("wei").get("/desk/notices/").content.decode()
    )
    Person.objects.filter(pk=cast.wei.pk).update(email="wei@example.com")  # since: it was not mailed all the same
    after = gao.get(address(matter)).content.decode()
    assert "Not mailed to" in after
    assert "no e-mail address is known" in after
    assert "They have a notice in the desk instead." in after


def test_the_form_says_of_when_its_figures_are_and_what_they_lack(
    matter: Case, browser: Callable[[str], Client]
) -> None:
    wei = browser("wei")
    page = wei.get(address(matter)).content.decode()
    assert "The period goes on" in page  # it is the last day of March
    assert 'href="?today"' in page
    later = DUE + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        wei = browser("wei")  # the session of yesterday is over
        assert "the period went on after that" in wei.get(address(matter)).content.decode()
        wei.post(address(matter), {"do": "count", "seen": "0"})
        page = wei.get(address(matter)).content.decode()
    assert "what was entered or corrected since is not in them" in page
    assert "The period goes on" not in page


def test_a_draft_is_compared_with_today(matter: Case, browser: Callable[[str], Client]) -> None:
    later = DUE + timedelta(hours=1)
    with time_machine.travel(later, tick=False):
        make_case()
        keeping.keep(now=later)
        page = browser("wei").get(f"{address(matter)}?today").content.decode()
    assert re.search(r"[0-9]+ figures are not the same today; what they are stands beside them", page)
    assert "today: 3" in page


def test_it_says_by_whose_clock_its_times_are(matter: Case, browser: Callable[[str], Client]) -> None:
    Person.objects.filter(username="wei").update(tz="America/New_York")
    page = browser("wei").get(address(matter)).content.decode()
    assert "30 Mar 2026 21:00 (UTC-4)" in page
    assert "Time zone: <bdi>New York</bdi>" in page


def test_numbers_of_some_cases_and_of_the_period_before_open_those(db: None, settings: Any) -> None:
    """In the zone whose months are counted: before a summer there is a winter, an hour further from UTC."""
    settings.TIME_ZONE = "Europe/Berlin"
    pack = shipped_pack()
    content = {
        "policy": pack.id, "begin": "2026-04-01T00:00:00+02:00", "end": "2026-07-01T00:00:00+02:00", "department": None,
        "office": None, "sections": [{"rows": [{"measure": "received", "now": {"of": 1}, "before": {"of": 1}}]}],
    }  # fmt: skip
    section = Section(title={"en": "Some"}, figures=("received",), only={"severity": "general"})
    line = [Cell(text=each) for each in ("Received", "1", "1", "0")]
    part = Part(title="Some", table=Table(headings=["", "", "", ""], rows=[line]))
    paper = ReportPaper(
        language="en", reference="", policy="", title="", period="", about=[], parts=[part], counted=[],
        counted_title="", nothing="", unwritten="", hash="", sender=sender(), at=DUE,
    )  # fmt: skip
    with timezone.override("Asia/Shanghai"):
        (linked,) = with_links(paper, [section], content, {pack.id: pack}, DUE).parts
    assert linked.table is not None
    _name, now, before, _change = (unquote(cell.opens) for cell in linked.table.rows[0])
    assert "by-severity=general" in now
    assert "by-severity=general" in before
    assert "span=2026-01-01T00:00:00+01:00..2026-04-01T00:00:00+02:00" in before
