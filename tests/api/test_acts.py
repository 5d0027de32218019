"""Acting over HTTP: the policy decides, the clauses are said, and nobody overwrites anybody."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from builders import COMPLAINT, GRADES, after, assert_refolds, make_case, make_history
from cast import POLICY
from ombud.cases.models import Attachment, Case, Event
from ombud.organisation.models import Membership

pytestmark = pytest.mark.django_db
ANY_ACT = "note"


def acting(caller, case, act, data=None, **more):
    return caller.post(f"/cases/{case.reference}/acts/{act}", {"seen": case.seq, "data": data or {}, **more})


def test_an_act_moves_the_case(calling, at_start):
    case = make_case().case
    at_start.move_to(after(30))
    answer = acting(calling("lin"), case, "register", GRADES, at="2026-03-03T09:20:00+08:00")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert (told["phase"], told["grades"]["severity"]) == ("accepted", "general")
    done = next(event for event in told["events"] if event["act"] == "register")
    assert done["occurred_at"] == "2026-03-03T09:20:00+08:00"
    assert any(duty["status"] == "met" for duty in told["duties"])
    case.refresh_from_db()
    assert case.seq == told["seq"]
    assert_refolds(case)


def test_an_approval_is_an_act_like_any_other(calling, cast, at_start):
    case = make_history(cast, "propose")
    at_start.move_to(after(150))
    refused = acting(calling("lin"), case, "plan.approve")
    assert (refused.status_code, refused.json()["refused"][0]["code"]) == (409, "role")
    assert acting(calling("zhou"), case, "plan.approve").status_code == 200


def test_a_rejection_carries_its_reason(calling, cast, at_start):
    case = make_history(cast, "propose")
    at_start.move_to(after(150))
    assert acting(calling("zhou"), case, "plan.reject", {"reason": "太少"}).status_code == 200


def test_a_refusal_names_every_condition_and_its_clauses(calling, at_start):
    case = make_case().case
    answer = acting(calling("lin"), case, "register", {"category": "other"})
    assert answer.status_code == 409
    told = answer.json()
    assert told["type"] == "urn:ombud:problem:refused"
    assert {each["field"] for each in told["refused"] if each["code"] == "needs"} >= {"aspect", "urgency"}
    assert all(each["clauses"] and each["message"] for each in told["refused"])
    assert Event.objects.filter(case=case, act="register").count() == 0


def test_refusals_come_in_the_callers_language(calling, at_start):
    case, lin = make_case().case, calling("lin")
    lin.headers["accept-language"] = "zh-CN"
    told = acting(lin, case, "register").json()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["title"])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["refused"][0]["message"])


def test_who_acts_on_what_has_changed_is_told_what_happened(calling, cast, at_start):
    case = make_case().case
    at_start.move_to(after(30))
    lin = calling("lin")
    assert acting(lin, case, "register", GRADES).status_code == 200
    stale = acting(lin, case, "register", GRADES)
    told = stale.json()
    assert (stale.status_code, told["type"]) == (409, "urn:ombud:problem:stale")
    assert told["refused"][0]["code"] == "stale"
    assert "register" in [each["act"] for each in told["changed"]]
    again = lin.get(f"/cases/{case.reference}").json()["seq"]
    assert again == told["seq"]


@pytest.mark.parametrize(
    "act", ["nonsense", "rung", "open", "migrate", "recalendar", "reissue", "a b", "receive", "push_acceptance"]
)
def test_what_is_no_act_now_is_refused(calling, at_start, act):
    case = make_case().case
    assert acting(calling("lin"), case, act).status_code == 409


def test_a_time_to_come_is_refused_and_a_time_without_offset_is_malformed(calling, at_start):
    case, lin = make_case().case, calling("lin")
    assert acting(lin, case, "register", GRADES, at="2026-03-03T12:00:00+08:00").status_code == 409
    for at in ("2026-03-03T09:00:00", "2026-03-03", 1772499600, "0001-01-01T00:00:00+14:00", "x", "", True,
               "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z"):  # fmt: skip
        answer = acting(lin, case, "register", GRADES, at=at)
        assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "at"]), at


def test_whoever_may_only_read_may_not_act(calling, at_start):
    case = make_case().case
    assert acting(calling("ai"), case, "register", GRADES).status_code == 403


def test_for_an_outsider_there_is_no_case_to_act_on(calling, cast, at_start):
    case = make_history(cast, "accept_work")
    assert acting(calling("deng"), case, "investigate", {"finding": "substantiated"}).status_code == 404


def test_the_role_is_the_one_that_may_or_the_one_asked_for(calling, cast, at_start):
    Membership.objects.create(person=cast.lin, policy=POLICY, role="management")
    case = make_case().case
    at_start.move_to(after(30))
    lin = calling("lin")
    assert acting(lin, case, "register", GRADES, role="management").json()["refused"][0]["code"] == "role"
    assert acting(lin, case, "register", GRADES, role="head").json()["refused"][0]["code"] == "role"
    assert acting(lin, case, "register", GRADES).status_code == 200
    assert Event.objects.get(case=case, act="register").role == "agent"


def test_evidence_is_sent_first_and_named_by_the_act(calling, cast, at_start, media):
    case = make_case().case
    at_start.move_to(after(30))
    lin = calling("lin")
    sent = lin.send(SimpleUploadedFile("票.txt", "小票".encode()))
    assert sent.status_code == 201, sent.content
    file = sent.json()
    assert (file["size"], file["type"]) == (6, "text/plain")
    assert acting(lin, case, "register", {**GRADES, "evidence": [file["id"]]}).status_code == 200
    assert Attachment.objects.get().case == case
    (shown,) = lin.get(f"/cases/{case.reference}").json()["facts"]["evidence"]
    assert file["id"] in str(shown)
    assert_refolds(case)


def test_nobody_names_the_file_of_somebody_else(calling, at_start, media):
    case = make_case().case
    at_start.move_to(after(30))
    theirs = calling("sun").send(SimpleUploadedFile("a.txt", b"mine")).json()["id"]
    answer = acting(calling("lin"), case, "register", {**GRADES, "evidence": [theirs]})
    assert answer.status_code == 422
    assert Attachment.objects.get().case is None


@pytest.mark.parametrize("content", [b"", b"<html><script>alert(1)</script>", b"MZ\x90\0" + bytes(60)])
def test_a_file_that_is_not_taken_in_is_malformed(calling, at_start, media, content):
    if content.startswith(b"<"):
        content += b"\0"
    answer = calling("lin").send(SimpleUploadedFile("a.jpg", content))
    assert answer.status_code == 422
    assert Attachment.objects.count() == 0


def test_exactly_one_file_is_sent(calling, at_start, media):
    lin = calling("lin")
    file = SimpleUploadedFile("a.txt", b"mine")
    assert lin.send(file, note="more").status_code == 422
    assert lin.post("/files", {}).status_code == 422
    two = [SimpleUploadedFile("a.txt", b"1"), SimpleUploadedFile("b.txt", b"2")]
    assert lin.client.post("/api/v1/files", {"file": two}, headers=lin.headers).status_code == 422
    assert lin.client.post("/api/v1/files", {"other": file}, headers=lin.headers).status_code == 422
    broken = lin.client.post("/api/v1/files", b"x", content_type="multipart/form-data", headers=lin.headers)
    assert broken.status_code == 400
    assert broken["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "data",
    [{"colour": 1}, {"category": "beauty"}, {"spread": "perhaps"}, {"category": ["other"]}, {"loss": {"a": 1}},
     {"complainants": 10**400}, {"aspect": {"x": {"y": []}}}, {"demanded_by": 20260301}, {"loss": 1e300}],
)  # fmt: skip
def test_data_that_does_not_fit_is_malformed(calling, at_start, data):
    case = make_case().case
    at_start.move_to(after(30))
    answer = acting(calling("lin"), case, "register", {**GRADES, **data})
    assert answer.status_code == 422, answer.content
    assert Event.objects.filter(case=case, act="register").count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_callers_at_once_one_wins_and_the_other_is_told(calling, at_start):
    case = make_case().case
    at_start.move_to(after(30))
    callers, answers, gate = [calling("lin"), calling("lin")], [], threading.Barrier(2)

    def call(caller):
        gate.wait()
        answers.append(acting(caller, case, "register", GRADES))
        connection.close()

    threads = [threading.Thread(target=call, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert Event.objects.filter(case=case, act="register").count() == 1
    assert_refolds(Case.objects.get(pk=case.pk))


@pytest.mark.django_db(transaction=True)
def test_the_same_complaint_sent_twice_at_once_is_filed_once(calling, at_start):
    lin, answers, gate = calling("lin"), [], threading.Barrier(3)
    filed = {"policy": POLICY, "channel": "web", "language": "zh", "data": COMPLAINT}

    def call():
        gate.wait()
        answers.append(lin.post("/complaints", filed, **{"idempotency-key": "at once"}))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert Case.objects.count() == 1
