"""Whatever is wrong with a request, the answer is a problem document that says so."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from builders import COMPLAINT, START, make_case
from ombud.api import keys
from ombud.api.models import ApiToken
from ombud.cases.models import Case

pytestmark = pytest.mark.django_db
FILED = {"policy": "customer-complaints", "channel": "web", "language": "zh", "data": COMPLAINT}
TEXT = json.dumps(FILED)


def told(answer, status):
    """Return the problem document, which must be whole."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Cache-Control"] == "no-store"
    content = answer.json()
    assert content.keys() >= {"type", "title", "status", "detail", "instance"}
    assert content["status"] == status
    assert content["type"].startswith("urn:ombud:problem:")
    return content


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422), ("{", 400), ("[]", 422), ("null", 422), ('"x"', 422), ("1", 422), (b"\xff\xfe", 400),
        (b"\xef\xbb\xbf{}", 400),
        ("[" * 100_000, 400), ('{"a":' * 50 + "1" + "}" * 50, 422), ('{"data": NaN}', 400), ('{"data": 1e999}', 400),
        ("9" * 5000, 400), ('{"policy": 1, "policy": 2}', 400), (TEXT.encode("utf-16"), 400),
        (TEXT[:-1] + ', "more": 1}', 422), (TEXT.replace('"web"', "7"), 422), (TEXT.replace('"web"', "null"), 422),
        (TEXT.replace('"web"', '""'), 422), (TEXT.replace('"web"', '"a\\u0000b"'), 422),
        (TEXT.replace('"web"', '"\\ud800"'), 422), (TEXT.replace('"web"', '"' + "x" * 101 + '"'), 422),
        (TEXT.replace('"language": "zh"', '"language": "Chinese, please"'), 422),
        (TEXT.replace('"language": "zh"', '"language": "zh\\n"'), 422),
        (json.dumps({**FILED, "data": []}), 422), (json.dumps({**FILED, "data": {"a\udfffb": 1}}), 422),
        (json.dumps({**FILED, "data": {**COMPLAINT, "narrative": "a\0"}}), 422),
        (json.dumps({**FILED, "role": 1}), 422),
        (json.dumps({**FILED, "data": {"narrative": "x" * 1_100_000}}), 413),
    ],
)  # fmt: skip
def test_a_malformed_body_is_refused(calling, at_start, body, status):
    told(calling("lin").post("/complaints", body), status)
    assert Case.objects.count() == 0


def test_only_json_is_read(calling, at_start):
    lin = calling("lin")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = lin.client.post("/api/v1/complaints", TEXT, content_type=kind, headers=lin.headers)
        assert told(answer, 415)["type"].endswith("media-type")


@pytest.mark.parametrize(
    "body",
    [{}, {"seen": "1"}, {"seen": -1}, {"seen": True}, {"seen": 1.5}, {"seen": 2**40}, {"seen": 1, "more": 1},
     {"seen": 1, "data": "x"}, {"seen": None}, {"seen": 1, "role": ""}],
)  # fmt: skip
def test_a_malformed_act_is_refused(calling, at_start, body):
    case = make_case().case
    told(calling("lin").post(f"/cases/{case.reference}/acts/register", body), 422)


def test_every_wrong_member_is_named_in_the_callers_language(calling, at_start):
    lin = calling("lin")
    errors = told(lin.post("/complaints", {"policy": 1, "extra": 2, "channel": "web"}), 422)["errors"]
    assert [(each["loc"], each["message"]) for each in errors] == [
        (["body", "policy"], "Words are needed."),
        (["body", "data"], "This is needed."),
        (["body", "extra"], "There is no such member."),
    ]
    lin.headers["accept-language"] = "zh-CN"
    chinese = told(lin.post("/complaints", {}), 422)
    assert all("\u4e00" <= each["message"][0] <= "\u9fff" for each in chinese["errors"])


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer ombud_\u00ff", "bearer a b"]
)
def test_without_a_valid_token_nothing_opens(cast, at_start, knocking, header):
    case = make_case().case
    caller = knocking(**({"authorization": header} if header else {}))
    for path in ("/cases", f"/cases/{case.reference}", f"/cases/{case.reference}/events"):
        answer = caller.get(path)
        told(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"
    told(caller.post("/complaints", FILED), 401)
    told(caller.post(f"/cases/{case.reference}/acts/register", {"seen": 1}), 401)
    told(caller.client.post("/api/v1/files", {}, headers=caller.headers), 401)


def test_a_session_opens_nothing(cast, at_start):
    client = Client()
    client.force_login(cast.lin)
    told(client.get("/api/v1/cases"), 401)


def test_a_token_opens_only_what_it_was_given_for(calling, at_start):
    case = make_case().case
    reader = calling("lin", keys.READ)
    assert reader.get("/cases").status_code == 200
    assert "act" in told(reader.post(f"/cases/{case.reference}/acts/register", {"seen": 1}), 403)["detail"]
    told(reader.post("/complaints", FILED), 403)
    told(calling("lin", keys.INTAKE).get("/cases"), 403)


def test_a_token_ends_when_it_expires_is_revoked_or_its_person_leaves(cast, calling, at_start):
    lin = calling("lin")
    token = ApiToken.objects.get()
    for change in ({"expires_at": START}, {"revoked_at": START}):
        ApiToken.objects.update(**change)
        told(lin.get("/cases"), 401)
        ApiToken.objects.update(**dict.fromkeys(change))
    assert lin.get("/cases").status_code == 200
    cast.lin.is_active = False
    cast.lin.save()
    told(lin.get("/cases"), 401)
    token.refresh_from_db()
    assert token.last_used_at == START


def test_a_demo_account_calls_only_in_a_demo(cast, calling, at_start, settings):
    cast.lin.is_demo = True
    cast.lin.save()
    lin = calling("lin")
    told(lin.get("/cases"), 401)
    settings.OMBUD_DEMO = True
    assert lin.get("/cases").status_code == 200


def test_when_a_token_was_used_is_kept_to_the_minute(calling, at_start, django_assert_num_queries):
    lin = calling("lin")
    lin.get("/cases")
    at_start.shift(timedelta(seconds=59))
    lin.get("/cases")
    assert ApiToken.objects.get().last_used_at == START
    at_start.shift(timedelta(seconds=1))
    lin.get("/cases")
    assert ApiToken.objects.get().last_used_at == START + timedelta(minutes=1)


def test_the_token_itself_is_kept_nowhere(cast, at_start):
    row, token = keys.issue_token(cast.lin, name="x", now=START)
    assert token not in str(ApiToken.objects.values())
    assert row.digest != token


def test_what_django_refuses_is_a_problem_document_too(cast, at_start):
    client = Client()
    told(client.get("/api/v1/nothing"), 404)
    told(client.get("/api/v1/"), 404)
    answer = client.delete("/api/v1/cases")
    assert told(answer, 405)["type"].endswith("method")
    assert "GET" in answer["Allow"]
    told(client.post("/api/v1/complaints", b"x", content_type="application/json", CONTENT_LENGTH=str(10**12)), 413)
    told(client.get("/api/v1/cases", headers={"host": "elsewhere.example"}), 400)


def test_an_error_of_ours_is_a_problem_document_without_details(cast, at_start, monkeypatch):
    from ombud.cases.reading import queries

    def broken(*_args, **_more):
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr(queries, "register", broken)
    _row, token = keys.issue_token(cast.lin, name="x", now=START)
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/cases", headers={"authorization": f"Bearer {token}"})
    told(answer, 500)
    assert "secret" not in answer.content.decode()
