"""Filing a complaint over HTTP: by a person's token or a public key, once however often it is sent."""

import pytest

from builders import COMPLAINT, GRADES, START, after, assert_refolds
from ombud.api import keys
from ombud.cases.models import Case, IdempotencyKey

pytestmark = pytest.mark.django_db
FILED = {"policy": "customer-complaints", "channel": "web", "language": "zh", "data": COMPLAINT}


def test_a_complaint_is_filed_and_the_secret_told_once(calling, at_start):
    answer = calling("lin").post("/complaints", {**FILED, "channel": "hotline"})
    assert answer.status_code == 201, answer.content
    assert answer["Cache-Control"] == "no-store"
    told = answer.json()
    case = Case.objects.get(reference=told["reference"])
    assert (told["phase"], told["received_at"]) == ("received", "2026-03-03T09:00:00+08:00")
    assert told["secret"] not in str(Case.objects.values())
    assert [duty["id"] for duty in told["duties"] if duty["status"] == "open"]
    assert case.events.get(seq=1).role == "agent"
    assert_refolds(case)


def test_the_duties_have_the_keys_of_a_replay(public, at_start):
    duty = public.post("/complaints", FILED).json()["duties"][0]
    assert duty.keys() >= {
        "id", "instance", "clauses", "bearer", "opened_at", "due_at", "done_at", "breached_at", "status", "overdue",
        "provisional",
    }  # fmt: skip
    assert duty["due_at"].endswith("+08:00")


def test_a_public_key_files_as_the_complainant(public, at_start):
    told = public.post("/complaints", FILED)
    assert told.status_code == 201
    case = Case.objects.get()
    assert (case.events.get(seq=1).actor, case.channel) == ("complainant", "web")


def test_a_public_key_opens_no_other_channel_and_no_role(public, at_start):
    assert public.post("/complaints", {**FILED, "channel": "hotline"}).status_code == 403
    assert public.post("/complaints", {**FILED, "role": "agent"}).status_code == 403
    assert public.get("/cases").status_code == 401
    assert Case.objects.count() == 0


def test_a_public_key_may_file_only_so_often(cast, public, at_start):
    keys.IntakeKey.objects.update(per_address=2)
    answers = [public.post("/complaints", FILED) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2]["Retry-After"] == "3600"
    at_start.shift(3601)
    assert public.post("/complaints", FILED).status_code == 201


def test_what_is_refused_counts_against_a_public_key_too(cast, public, at_start):
    keys.IntakeKey.objects.update(per_address=2)
    answers = [public.post("/complaints", {**FILED, "channel": "hotline"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]


def test_a_revoked_key_is_worth_nothing(public, at_start):
    keys.revoke(keys.IntakeKey.objects.get(), now=START)
    assert public.post("/complaints", FILED).status_code == 401


def test_sending_twice_files_once(calling, at_start):
    lin = calling("lin")
    first = lin.post("/complaints", FILED, **{"idempotency-key": "order-77"})
    again = lin.post("/complaints", FILED, **{"idempotency-key": "order-77"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Case.objects.count() == 1
    assert first.json()["secret"] not in IdempotencyKey.objects.get().answer


def test_the_same_key_with_another_body_is_refused(calling, at_start):
    lin = calling("lin")
    lin.post("/complaints", FILED, **{"idempotency-key": "order-77"})
    other = lin.post("/complaints", {**FILED, "language": "en"}, **{"idempotency-key": "order-77"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:ombud:problem:key-reused")
    assert Case.objects.count() == 1


def test_keys_are_the_callers_own_and_last_a_day(calling, at_start):
    lin, wei = calling("lin"), calling("sun")
    lin.post("/complaints", FILED, **{"idempotency-key": "1"})
    assert wei.post("/complaints", FILED, **{"idempotency-key": "1"}).status_code == 201
    assert Case.objects.count() == 2
    at_start.shift(24 * 3600 + 1)
    assert lin.post("/complaints", {**FILED, "language": "en"}, **{"idempotency-key": "1"}).status_code == 201


def test_a_refused_complaint_does_not_use_its_key_up(calling, at_start):
    lin = calling("lin")
    bad = {**FILED, "data": {"narrative": "only this"}}
    assert lin.post("/complaints", bad, **{"idempotency-key": "1"}).status_code == 409
    assert lin.post("/complaints", FILED, **{"idempotency-key": "1"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "l\u00fcge", "tab\there"])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(calling, at_start, key):
    answer = calling("lin").post("/complaints", FILED, **{"idempotency-key": key})
    assert answer.status_code == 422
    assert Case.objects.count() == 0


def test_what_the_policy_needs_is_said_with_its_clauses(calling, at_start):
    answer = calling("lin").post("/complaints", {**FILED, "data": {}})
    assert answer.status_code == 409
    (refusal,) = answer.json()["refused"]
    assert (refusal["code"], refusal["field"]) == ("needs", "subject")
    assert refusal["clauses"]


@pytest.mark.parametrize(
    "data",
    [
        {"colour": "red"}, {"loss": "much"}, {"occurred_on": "yesterday"}, {"channel": "store"}, {"subject": 7},
        {"subject": "x" * 501}, {"narrative": "x" * 20_001}, {"loss": "9" * 40}, {"loss": {"amount": 1}},
        {"occurred_on": "0001-01-01"}, {"evidence": ["nothing"]}, {"evidence": "nothing"}, {"evidence": [{}]},
        {"complainants": 10**18}, {"complainants": True}, {"country": "China"}, {"subject": ["a"]}, {"evidence": [1]},
        {"evidence": ["6f9619ff-8b86-d011-b42d-00cf4fc964ff"]},
    ],
)  # fmt: skip
def test_data_that_does_not_fit_is_malformed(calling, at_start, data):
    answer = calling("lin").post("/complaints", {**FILED, "data": {**COMPLAINT, **data}})
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    "data",
    [
        {"loss": {"amount": "100", "currency": "XBT"}}, {"loss": {"amount": "100", "currency": "XXX"}},
        {"occurred_on": "2026-03-04"}, {"occurred_on": "2027-11-20"}, {"loss": "6000-8000"},
        {"narrative": "x" * 20_001}, {"complainants": 10**15},
    ],
)  # fmt: skip
def test_what_the_register_does_not_keep_is_told_by_its_field(calling, at_start, data):
    answer = calling("lin").post("/complaints", {**FILED, "data": {**COMPLAINT, **data}})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["loc"] == ["body", "data", *data]
    assert len(error["message"]) > 20


def test_yuan_by_another_name_are_yuan(calling, at_start):
    lin = calling("lin")
    data = {**COMPLAINT, "loss": {"amount": "100000", "currency": "RMB"}}
    filed = lin.post("/complaints", {**FILED, "data": data}).json()
    at_start.move_to(after(5))
    done = lin.post(f"/cases/{filed['reference']}/acts/register", {"seen": 2, "data": GRADES})
    assert done.json()["grades"]["severity"] == "major"


def test_somebody_without_a_role_files_nothing(calling, at_start):
    assert calling("nobody").post("/complaints", FILED).status_code == 403
    refused = calling("chen").post("/complaints", FILED)
    assert (refused.status_code, refused.json()["refused"][0]["code"]) == (409, "role")


def test_a_role_that_is_not_held_cannot_be_chosen(calling, at_start):
    answer = calling("lin").post("/complaints", {**FILED, "role": "management"})
    assert (answer.status_code, answer.json()["refused"][0]["code"]) == (409, "role")


def test_a_policy_or_channel_that_does_not_exist_is_said_to(calling, at_start):
    lin = calling("lin")
    assert lin.post("/complaints", {**FILED, "policy": "none"}).json()["errors"][0]["loc"] == ["body", "policy"]
    assert lin.post("/complaints", {**FILED, "channel": "pigeon"}).status_code == 409


def test_thousands_of_unknown_fields_are_refused_at_once_and_in_few_words(public, at_start):
    data = {**COMPLAINT, **{f"field{n}": "x" for n in range(20_000)}}
    answer = public.post("/complaints", {**FILED, "data": data})
    assert answer.status_code == 422
    assert len(answer.content) < 2000
    some = public.post("/complaints", {**FILED, "data": {**COMPLAINT, **{f"field{n}": "x" for n in range(150)}}})
    assert some.status_code == 422
    assert max(len(some.json()["errors"]), len(some.json()["refused"])) == 50


def test_a_public_key_that_repeats_a_call_is_told_no_secret(public, at_start):
    first, again = (public.post("/complaints", FILED, **{"idempotency-key": "order-78"}).json() for _ in range(2))
    assert first["secret"]
    assert again == {**first, "secret": None}
    assert Case.objects.count() == 1


def test_the_idempotency_keys_of_a_public_key_are_each_addresses_own(public, at_start):
    public.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    attacker = public.post("/complaints", FILED, **{"idempotency-key": "order-78"})
    public.client.defaults["REMOTE_ADDR"] = "127.0.0.1"
    mine = public.post(
        "/complaints", {**FILED, "data": {**COMPLAINT, "subject": "Mine"}}, **{"idempotency-key": "order-78"}
    )
    assert (attacker.status_code, mine.status_code) == (201, 201)
    assert mine.json()["secret"]


def test_a_call_is_filed_as_of_when_it_arrived(calling, at_start):
    sent = {**FILED, "channel": "hotline", "received_at": "2026-03-03T01:30:00+01:00"}  # 08:30 in Shanghai
    told = calling("lin").post("/complaints", sent).json()
    assert told["received_at"] == "2026-03-03T08:30:00+08:00"
    assert [duty["due_at"] for duty in told["duties"] if duty["id"] == "register"] == ["2026-03-03T09:30:00+08:00"]
    assert_refolds(Case.objects.get())


def test_a_late_one_says_why_and_one_to_come_is_refused(calling, at_start):
    lin, late = calling("lin"), {**FILED, "channel": "hotline", "received_at": "2026-03-02T08:00:00+08:00"}
    refused = lin.post("/complaints", late)
    assert (refused.status_code, refused.json()["refused"][0]["code"]) == (409, "late-reason")
    told = lin.post("/complaints", {**late, "late_reason": "the hotline's own log came a day later"}).json()
    (first, *_rest) = lin.get(f"/cases/{told['reference']}/events").json()["events"]
    assert (first["occurred_at"], first["recorded_at"]) == ("2026-03-02T08:00:00+08:00", "2026-03-03T09:00:00+08:00")
    assert first["late_reason"] == "the hotline's own log came a day later"
    assert "late_reason" not in first["facts"]
    ahead = lin.post("/complaints", {**late, "received_at": "2026-03-03T09:00:01+08:00"})
    assert (ahead.status_code, ahead.json()["refused"][0]["code"]) == (409, "order")
    assert Case.objects.count() == 1


def test_what_outsiders_say_of_the_time_counts_nothing(public, at_start):
    answer = public.post("/complaints", {**FILED, "received_at": "2026-03-03T08:00:00+08:00"})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "received_at"])
    assert Case.objects.count() == 0


def test_a_reason_has_a_member_of_its_own(calling, at_start):
    answer = calling("lin").post("/complaints", {**FILED, "data": {**COMPLAINT, "late_reason": "x"}})
    assert answer.json()["errors"][0]["loc"] == ["body", "data", "late_reason"]


def test_the_complainants_time_zone_is_kept_and_one_that_is_none_refused(public):
    assert public.post("/complaints", {**FILED, "time_zone": "Asia/Dubai"}).status_code == 201
    assert Case.objects.get().time_zone == "Asia/Dubai"
    refused = public.post("/complaints", {**FILED, "time_zone": "Moon/Tycho"})
    assert refused.status_code == 422
    assert Case.objects.count() == 1
