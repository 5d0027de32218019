"""The clauses 15.1, 15.3, 25, 29a, 32b and 34 of overseas-customers, each from outside, or in pages, to the end."""

from __future__ import annotations

import io
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from docx import Document

import ombud
from cast import COMPLAINANT
from channels.clauses.walking import Begin, Walk, asleep
from ombud.cases.commands import perform
from ombud.cases.models import Case, Event
from ombud.channels.intake import receive
from ombud.clock import tasks
from ombud.correspondence.models import Message
from overseas import POLICY, make_overseas
from papers.pdfs import words_of
from post_offices import mail_of
from samples import PNG

pytestmark = pytest.mark.django_db
CUSTOMER = "kern@example.org"
DATA = {"subject": "Film taken down", "country": "DE", "name": "Atelier Kern", "email": CUSTOMER}
MAJOR = Path(ombud.__file__).parent / "packs" / POLICY / "scenarios" / "major.yaml"
WHO = {
    "agent": "anna", "hq_agent": "zhao", "legal": "lau", "hq_lead": "tao", "management": "gao", "gm_meeting": "xiao",
    "brand": "bo",
}  # fmt: skip


def filed(moment: datetime, *, language: str = "en", zone: str = "", **facts: Any) -> Case:
    """Return a complaint of the web form."""
    return receive(
        POLICY, channel="web", language=language, time_zone=zone, data={**DATA, **facts}, actor=COMPLAINANT, at=moment,
        now=moment,
    ).case  # fmt: skip


def test_15_1_what_comes_after_hours_is_answered_within_the_first_hour_of_the_next_day_in_berlin(begin: Begin) -> None:
    """The mailbox does not know the country: an agent makes the mail a complaint, and it counts from its arrival."""
    walk = begin(make_overseas, POLICY)
    arrived = walk.at("2026-03-02T20:00+01:00")
    walk.come_in(mail_of("Der Film wurde gesperrt.", sender=f"Atelier Kern <{CUSTOMER}>", Subject="Film gesperrt"))
    message = Message.objects.get(is_out=False)
    walk.at("2026-03-03T08:30+01:00")
    said = {"channel": "email", "policy": POLICY, "language": "de", **DATA, "narrative": "Der Film wurde gesperrt."}
    made = walk.browser("zhao").post(f"/desk/inbox/{message.pk}/complaint/", said)
    assert made.status_code == 302, made.content.decode()
    case = Case.objects.get()
    assert (case.received_at, case.office.key) == (arrived, "europe")
    assert walk.duty(case, "respond").due_at == walk.at("2026-03-03T10:00+01:00")
    walk.at("2026-03-03T09:20+01:00")
    answer = {"message": "Wir prüfen die Lizenz.", "message_language": "de", "demand": "Eine lizenzierte Fassung"}
    walk.act("anna", case, "acknowledge", **answer)
    came = walk.outside(CUSTOMER)[-1]
    assert "Wir prüfen die Lizenz." in came.text
    assert walk.duty(case, "respond").status == "met"


def test_15_3_letters_are_in_the_agreed_language_and_another_one_is_warned_about(begin: Begin) -> None:
    walk = begin(make_overseas, POLICY)
    case = filed(walk.at("2026-03-03T10:00+01:00"), language="ar")
    (receipt,) = walk.outside(CUSTOMER)
    assert "إشعار باستلام شكواكم" in receipt.subject
    fields = {"message": "我们正在核查。", "demand": "重做"}
    walk.act("anna", case, "acknowledge", message_language="zh", **fields)
    assert "another language than agreed" in walk.page("anna", case)
    came = walk.outside(CUSTOMER)[-1]
    assert "شكواكم قيد المعالجة" in came.subject


def test_25_headquarters_legal_and_management_are_reached_at_night_within_the_hour(begin: Begin) -> None:
    walk = begin(make_overseas, POLICY)
    asleep_at = [asleep(getattr(walk.cast, who)) for who in ("tao", "lau", "gao")]
    night = walk.at("2026-03-03T02:00+01:00")
    case = filed(night, loss="2000 USD @ 7.1")
    assert walk.duty(case, "contain").due_at == walk.at("2026-03-03T03:00+01:00")
    walk.at("2026-03-03T02:40+01:00")
    walk.act("anna", case, "contain", situation="Bad reviews", first_measures="Campaign stopped")
    for address in asleep_at:
        (came,) = walk.outside(address)
        assert case.reference in came.text
        assert "25" in came.text


def test_25_who_contains_it_hears_of_it_at_night_as_soon_as_it_comes_in(begin: Begin) -> None:
    walk = begin(make_overseas, POLICY)
    anna = asleep(walk.cast.anna)
    case = filed(walk.at("2026-03-03T02:00+01:00"), loss="2000 USD @ 7.1")
    assert any(case.reference in each.text for each in walk.outside(anna))


@pytest.mark.parametrize(
    ("zone", "hours", "limit"),
    [
        ("America/Los_Angeles", "00:00\u201309:00 (UTC-8)", "02:00 (UTC-8; Berlin 11:00, UTC+1)"),
        ("Asia/Dubai", "12:00\u201321:00 (UTC+4)", "14:00 (UTC+4; Berlin 11:00, UTC+1)"),
        ("Europe/Berlin", "09:00\u201318:00 (UTC+1)", "11:00 (UTC+1)"),
    ],
)
def test_32b_service_hours_and_limits_are_told_by_the_customers_own_clock(
    begin: Begin, zone: str, hours: str, limit: str
) -> None:
    walk = begin(make_overseas, POLICY)
    case = filed(walk.at("2026-03-02T10:00+01:00"), zone=zone)
    (came,) = walk.outside(CUSTOMER)
    assert f"Our service hours: Working days {hours}" in came.text
    assert limit in came.text
    assert (
        f"Our service hours: Working days {hours}"
        in walk.complainant(case).get(f"/track/{case.reference}/").content.decode()
    )


def upto_the_result(walk: Walk) -> Case:
    """Return a major complaint that was carried out, as the pack's own scenario tells it, of a customer in Germany."""
    stories = yaml.safe_load(MAJOR.read_text("utf-8"))
    story = next(each for each in stories if "signed confirmation" in each["name"]["en"])
    case: Case | None = None
    for step in story["log"]:
        now, data = walk.at(step["at"]), dict(step.get("data", {}))
        data = {name: f"{said}" if isinstance(said, date) else said for name, said in data.items()}
        if "task_group" in data:
            data["task_group"] = [walk.cast.zhao.key, walk.cast.anna.key]
        if step["act"] == "report_result":
            break
        if case is None:
            case = filed(now, language="de", loss=data["loss"])
            continue
        who = step["by"]
        actor = COMPLAINANT if who == "complainant" else walk.cast.actor(WHO[who])
        case.refresh_from_db()
        perform(case, step["act"], actor=actor, at=now, now=now, data=data)
    assert case is not None
    return case


def files_of(walk: Walk, address: str) -> dict[str, bytes]:
    """Return the files of the last mail outside, as a mail program has them."""
    walk.outside(address)
    with walk.office.box() as box:
        _, found = box.uid("SEARCH", "ALL")
        _, last = box.uid("FETCH", found[0].split()[-1].decode(), "(BODY.PEEK[])")
    mail = message_from_bytes(last[0][1], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert address in mail["To"]
    return {each.get_filename() or "": each.get_content() for each in mail.iter_attachments()}


def test_29a_the_paper_to_sign_goes_by_mail_and_comes_back_signed(begin: Begin) -> None:
    walk = begin(make_overseas, POLICY)
    case = upto_the_result(walk)
    walk.outside(CUSTOMER)
    walk.at("2026-04-15T16:00+02:00")
    told = {"accepted_channel": "E-Mail", "satisfaction": "satisfied", "message_language": "de"}
    walk.act("anna", case, "report_result", **told)
    files = files_of(walk, CUSTOMER)
    named = f"{case.reference}-result-20260415"
    assert list(files) == [f"{named}.pdf", f"{named}.docx"]
    lines = [each.text for each in Document(io.BytesIO(files[f"{named}.docx"])).paragraphs]
    assert any("已补投" in each for each in lines)  # the result, as it was recorded
    assert any(each.strip().startswith("Unterschrift") for each in lines)
    assert "已补投" in words_of(files[f"{named}.pdf"])

    walk.at("2026-04-16T10:00+02:00")
    customer, there = walk.complainant(case), f"/track/{case.reference}/do/confirm/"
    case.refresh_from_db()
    signed = SimpleUploadedFile("signed.png", PNG, "image/png")
    answer = customer.post(there, {"seen": case.seq, "confirmation": signed}, follow=True)
    assert answer.redirect_chain == [(f"/track/{case.reference}/", 302)], answer.content.decode()
    assert Event.objects.get(case=case, act="confirm").actor == COMPLAINANT.person
    assert "signed.png" in walk.page("anna", case)


def registered(walk: Walk, who: str) -> Case:
    """Return the complaint of one of several customers with the same trouble, registered at 11:00 in Berlin."""
    now = walk.at("2026-03-02T10:00+01:00")
    case = filed(now, email=who, name=who)
    for moment, act, data in (
        ("2026-03-02T10:30+01:00", "acknowledge", {"message": "Wir prüfen.", "message_language": "de", "demand": "x"}),
        (
            "2026-03-02T11:00+01:00", "register",
            {
                "occurred_on": "2026-02-20T10:00+08:00", "object": "春季推广项目", "narrative": "投放晚了一周",
                "category": "service", "relation": "slight", "impact": "individual", "routine": True,
                "regulator_risk": False,
            },
        ),
    ):  # fmt: skip
        now = walk.at(moment)
        case.refresh_from_db()
        perform(case, act, actor=walk.cast.actor("anna"), at=now, now=now, data=data)
    case.refresh_from_db()
    return case


def let_the_clock_work() -> None:
    """Do what one case asks of others."""
    while tasks.run(now=timezone.now()):
        pass


def test_34_three_with_one_trouble_are_a_group_that_hears_one_wording_and_the_official_statement(begin: Begin) -> None:
    walk = begin(make_overseas, POLICY)
    customers = ("one@example.org", "two@example.org", "three@example.org")
    lead, *members = [registered(walk, who) for who in customers]
    walk.at("2026-03-02T12:00+01:00")
    for member in members:
        walk.act("anna", member, "join_group", lead_case=lead.reference)
    let_the_clock_work()  # it counts the group
    lead.refresh_from_db()
    assert lead.grades["severity"] == "major"
    assert walk.duty(lead, "group_plan").due_at == walk.at("2026-03-02T13:00+01:00")
    walk.at("2026-03-02T12:40+01:00")
    contact = walk.cast.hans.key
    walk.act("hans", lead, "group_plan", wording="We check every film within three days.", group_contact=contact)
    assert walk.duty(lead, "group_plan").status == "met"
    assert walk.duty(lead, "publish_statement").due_at == walk.at("2026-03-03T11:00+01:00")  # 18:00 in Beijing
    walk.at("2026-03-03T09:00+01:00")
    statement = "Our statement: films were taken down by mistake; all of them are shown again."
    walk.act("bo", lead, "publish_statement", statement=statement)
    assert walk.duty(lead, "publish_statement").status == "met"
    walk.act("tao", lead, "inform_group", message=statement, message_language="en")  # the lead's too
    let_the_clock_work()
    for customer, case in zip(customers, (lead, *members), strict=True):
        assert any("shown again" in each.text for each in walk.outside(customer)), customer
        assert "shown again" in walk.complainant(case).get(f"/track/{case.reference}/").content.decode()
    for member in members:
        assert walk.duty(member, "verify").status == "open"
        walk.act("anna", member, "verify", claim_class="common", claim_notes="Taken down on the same day.")
        assert walk.duty(member, "verify").status == "met"
