"""What complainants do with their case: answer, supply, add, rate, withdraw, whatever the pack offers them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from builders import GRADES, after, assert_refolds, do, make_case, make_history
from ombud.cases.models import Attachment, Case, Event

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


@pytest.fixture
def proposed(cast, at_start) -> Case:
    case = make_history(cast, "communicate")
    at_start.move_to(after(200))
    return case


def test_the_proposal_waits_for_the_complainants_answer(proposed, complainant):
    page = complainant(proposed).get(f"/track/{proposed.reference}/", headers=EN).content.decode()
    assert "Your turn" in page
    assert f"/track/{proposed.reference}/do/answer/" in page


@pytest.mark.parametrize(
    ("answer", "phase"), [("accepted", "carrying_out"), ("partly", "carrying_out"), ("rejected", "investigating")]
)
def test_an_answer_in_words_moves_the_case(proposed, complainant, answer, phase):
    client = complainant(proposed)
    said = {"answer": answer, "opinion": "钱太少了", "seen": proposed.seq}
    sent = client.post(f"/track/{proposed.reference}/do/answer/", said, follow=True)
    assert sent.redirect_chain == [(f"/track/{proposed.reference}/", 302)]
    proposed.refresh_from_db()
    assert proposed.phase == phase
    assert_refolds(proposed)


def test_an_answer_without_a_choice_is_asked_for_again_and_keeps_the_words(proposed, complainant):
    form = complainant(proposed).get(f"/track/{proposed.reference}/do/answer/").context["form"]
    words = next(name for name, field in form.fields.items() if field.kind == "long_text")
    sent = complainant(proposed).post(
        f"/track/{proposed.reference}/do/answer/", {words: "钱太少了", "seen": proposed.seq}
    )
    assert sent.status_code == 422
    assert "钱太少了" in sent.content.decode()


def test_what_happened_meanwhile_is_told_and_nothing_typed_is_lost(proposed, complainant, cast):
    seen = proposed.seq
    do(proposed, "inform", cast, "lin", minutes=190, data={"message": "补充说明"})
    client = complainant(proposed)
    sent = client.post(
        f"/track/{proposed.reference}/do/answer/", {"answer": "rejected", "opinion": "No", "seen": seen}, headers=EN
    )
    assert sent.status_code == 422
    assert "Something happened in the meantime" in sent.content.decode()
    assert 'value="rejected"' in sent.content.decode()
    proposed.refresh_from_db()
    again = client.post(
        f"/track/{proposed.reference}/do/answer/", {"answer": "rejected", "opinion": "No", "seen": proposed.seq}
    )
    assert again.status_code == 302


def test_what_staff_did_among_themselves_meanwhile_is_not_named(proposed, complainant, cast):
    seen = proposed.seq
    do(proposed, "note", cast, "lin", minutes=190, data={"remark": "客户难缠"})
    sent = complainant(proposed).post(
        f"/track/{proposed.reference}/do/answer/", {"answer": "rejected", "opinion": "No", "seen": seen}, headers=EN
    )
    assert "Something happened in the meantime" in sent.content.decode()
    assert sent.context["changed"] == []


def test_an_act_that_is_no_longer_possible_leads_back_to_the_case(proposed, complainant, cast):
    do(proposed, "answer", cast, "complainant", minutes=195, data={"answer": "accepted"})
    sent = complainant(proposed).post(
        f"/track/{proposed.reference}/do/answer/", {"answer": "rejected"}, follow=True, headers=EN
    )
    assert "no longer possible" in sent.content.decode()
    assert Event.objects.filter(case=proposed, act="answer").count() == 1


def test_acts_of_staff_are_not_the_complainants_to_perform(proposed, complainant):
    client = complainant(proposed)
    for act in ("register", "plan.approve", "note", "close", "rung", "nonsense"):
        sent = client.post(f"/track/{proposed.reference}/do/{act}/", {"remark": "x", "seen": proposed.seq})
        assert sent["Location"] == f"/track/{proposed.reference}/"
    assert Event.objects.filter(case=proposed).count() == proposed.seq


def test_evidence_may_be_added_later(cast, at_start, complainant, media):
    case = make_history(cast, "register")
    at_start.move_to(after(40))
    picture = SimpleUploadedFile("漏水.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 32)
    sent = complainant(case).post(f"/track/{case.reference}/do/attach/", {"evidence": picture}, follow=True)
    assert sent.status_code == 200
    assert Attachment.objects.get().case == case
    assert "漏水.png" in sent.content.decode()


def test_a_complaint_can_be_withdrawn(cast, at_start, complainant):
    case = make_case().case
    complainant(case).post(f"/track/{case.reference}/do/withdraw/", {"reason": "已经解决了", "sure": "1"})
    case.refresh_from_db()
    assert case.phase == "withdrawn"


@pytest.fixture
def asked(cast, at_start) -> Case:
    case = make_case(name=None, place="淮海路").case
    do(case, "register", cast, "lin", minutes=30, data={**GRADES, "missing": "姓名"})
    do(case, "request_facts", cast, "lin", minutes=40, data={"message": "请补充您的姓名"})
    at_start.move_to(after(60))
    return Case.objects.get(pk=case.pk)


def test_missing_facts_are_supplied_and_what_was_known_is_not_told_again(asked, complainant):
    client, here = complainant(asked), f"/track/{asked.reference}/do/supply_facts/"
    page = client.get(here)
    assert "请补充您的姓名" in page.content.decode()
    assert page.context["form"].initial["place"] == "淮海路"
    known = {"place": "淮海路", "subject": "电水壶漏水", "seen": asked.seq}
    client.post(here, {**known, "name": "王小明"})
    event = Event.objects.get(case=asked, act="supply_facts")
    assert set(event.data) == {"name"}
    asked.refresh_from_db()
    assert asked.phase == "accepted"


def test_supplying_nothing_is_not_taken_for_an_answer(asked, complainant):
    form = complainant(asked).get(f"/track/{asked.reference}/do/supply_facts/").context["form"]
    unchanged = {each.html_name: each.value() for each in form if each.value() not in (None, "")}
    sent = complainant(asked).post(f"/track/{asked.reference}/do/supply_facts/", {**unchanged, "seen": asked.seq})
    assert sent.status_code == 422
    assert "请至少填写一项" in sent.content.decode()


def test_the_service_is_rated_at_the_end(cast, at_start, complainant):
    case = make_history(cast, "carry_out")
    at_start.move_to(after(310))
    client = complainant(case)
    form = client.get(f"/track/{case.reference}/do/rate/").context["form"]
    assert [key for key, _label in form.fields["rating"].choices] == ["1", "2", "3", "4", "5"]
    assert client.post(f"/track/{case.reference}/do/rate/", {"rating": "5"}).status_code == 302
    assert Event.objects.filter(case=case, act="rate").exists()
