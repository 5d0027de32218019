"""SMS: letters as short texts with a link, replies that find their case, what became of them; three gateways."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from builders import after, make_case
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Case
from ombud.channels import providers
from ombud.channels.registry import PROVIDERS
from ombud.channels.sms import aliyun, tencent
from ombud.correspondence import lost_codes, wording
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Message
from provided import Provided

pytestmark = pytest.mark.django_db
State, Way = Message.State, Message.Way
LINK = "http://localhost:8000/track/"


@pytest.fixture
def gateway(provided: Provided) -> Provided:
    provided.server.routes = {"/send": (200, {"code": 0, "data": {"id": "sms-1"}})}
    provided.account(
        "sms", {"secret": "k:1"}, url=f"{provided.server.url}/send", header="Authorization: Bearer {secret}",
        body='{"mobile": "{number}", "content": "{text}"}', success="code=0", id_path="data.id",
        incoming="from=mobile, text=content, id=sn, status=stat, reason=why",
    )  # fmt: skip
    return provided


def letter(provided: Provided, **overrides: Any) -> tuple[Case, Message]:
    """Return a case without a mail address, and the message of its first letter, carried."""
    case = make_case(email=None, **overrides).case
    provided.at(1)
    provided.carry()
    return case, Message.objects.get(case=case, is_out=True)


def test_a_letter_goes_as_a_short_text_with_a_link_where_there_is_no_mail(gateway: Provided, cast: Cast) -> None:
    case, sent = letter(gateway, subject='a "quoted" kettle')
    assert (sent.way, sent.state, sent.external_id) == (Way.SMS, State.HANDED_OVER, "sms-1")
    (came,) = gateway.server.calls
    assert came.headers["authorization"] == "Bearer k:1"
    assert came.json["mobile"] == "+8613800138000"
    (link,) = re.findall(r"/track/\S+", came.json["content"])
    assert link.startswith(f"/track/{case.reference}/open/?way=")
    assert len(came.json["content"]) < 140
    client = Client()
    client.post(link.partition("?")[0], {"way": link.partition("=")[2]})
    assert client.get(f"/track/{case.reference}/").status_code == 200


@pytest.mark.parametrize(
    ("contact", "email", "is_sms"),
    [
        ("138 0013 8000", "wang@example.com", True),  # where they ask by the number, whatever else is on file
        ("138 0013 8000", None, True),
        ("wang@example.com", "wang@example.com", False),
        ("139 0013 9000", None, None),  # somebody else's
    ],
)
def test_a_new_code_comes_by_sms_to_whoever_asks_by_their_number(
    gateway: Provided, cast: Cast, contact: str, email: str | None, is_sms: bool | None
) -> None:
    case = make_case(language="en", email=email).case
    gateway.at(1)
    gateway.carry()
    gateway.server.calls.clear()
    answer = Client().post("/track/code/", {"reference": case.reference, "contact": contact}, follow=True)
    assert answer.redirect_chain == [("/track/code/asked/", 302)]
    gateway.at(2)
    lost_codes.answer_waiting(now=gateway.now)
    gateway.carry()
    came = [each.json for each in gateway.server.calls]
    assert len(came) == (is_sms is True)
    assert Message.objects.filter(act="reissue").count() == (is_sms is not None)
    for each in came:
        assert each["mobile"] == "+8613800138000"
        (link,) = re.findall(rf"/track/{case.reference}/[0-9A-Z-]+/$", each["content"])
        assert Client().get(link)["Location"] == f"/track/{case.reference}/"
        assert len(each["content"]) < 300  # or it would be told by a link alone, and the code be lost


def test_who_has_a_number_alone_is_sent_the_code_by_staff_too(gateway: Provided, cast: Cast) -> None:
    case = make_case(language="en", email=None).case
    accessed = access_case(cast.lin, case.reference)
    assert lost_codes.can_reach(accessed.case, accessed.state, now=gateway.now)
    page = Client().get("/track/code/", headers={"accept-language": "en"}).content.decode()
    assert "or by SMS if you give its phone number" in page


def test_with_a_mail_address_it_goes_by_mail(gateway: Provided, cast: Cast) -> None:
    case = make_case().case
    gateway.at(1)
    gateway.carry()
    assert Message.objects.get(case=case, is_out=True).way == Way.MAIL


def test_no_sms_goes_to_a_number_that_takes_none(gateway: Provided, cast: Cast) -> None:
    _case, sent = letter(gateway, phone="021-5555 1234")
    assert (sent.state, gateway.words(sent, wording.FAILURE)) == (State.FAILED, "no-address")


@pytest.mark.parametrize(
    ("answer", "state", "fails"),
    [
        ((200, {"code": 7, "msg": "no such number"}), State.FAILED, 0),
        ((503, {}), State.QUEUED, 0),
        ((401, {}), State.QUEUED, 1),
    ],
)
def test_what_the_gateway_answers_decides(gateway: Provided, cast: Cast, answer: Any, state: State, fails: int) -> None:
    gateway.server.routes["/send"] = answer
    assert letter(gateway)[1].state == state
    gateway.row.refresh_from_db()
    assert gateway.row.failures == fails


@pytest.mark.parametrize("form", ["json", "form", "query"])
def test_a_reply_belongs_to_the_case_and_a_report_to_its_message(gateway: Provided, cast: Cast, form: str) -> None:
    case, sent = letter(gateway)

    def call(**fields: str) -> int:
        if form == "query":
            written = "&".join(f"{name}={value}" for name, value in fields.items())
            return int(gateway.call(b"", {}, f"?{written}").status_code)
        body = json.dumps(fields) if form == "json" else "&".join(f"{name}={value}" for name, value in fields.items())
        return int(gateway.call(body.encode(), {}, content_type="text/plain").status_code)

    assert call(sn="sms-1", stat="DELIVRD") == 200
    sent.refresh_from_db()
    assert sent.state == State.DELIVERED
    gateway.at(5)
    assert call(mobile="13800138000", content="OK", sn="r-1") == 200
    assert call(mobile="13900139000", content="Who?", sn="r-2") == 200
    assert call(content="Nobody") == 400
    gateway.sort()
    found = {gateway.words(each): each.case for each in gateway.heard()}
    assert found == {"OK": case, "Who?": None}


def test_a_reply_to_a_number_that_has_two_open_cases_goes_to_the_last_that_was_spoken_on(
    gateway: Provided, cast: Cast
) -> None:
    letter(gateway)
    gateway.at(30)
    case = make_case(email=None, minutes=30).case
    gateway.at(200)  # an address gets one acknowledgement within the hour
    gateway.carry()
    gateway.call(json.dumps({"mobile": "13800138000", "content": "OK", "sn": "r-1"}).encode(), {})
    gateway.sort()
    assert gateway.heard()[0].case == case


def test_tencent_signs_as_its_documentation_shows() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    signed = tencent.authorization(
        body, host="cvm.tencentcloudapi.com", service="cvm", stamp=1551113065, date="2019-02-25",
        key_id="AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secret="Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
    )  # fmt: skip
    assert signed == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_aliyun_signs_as_its_documentation_shows() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }  # fmt: skip
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    _query, signed = aliyun.signed(query, headers, key_id="YourAccessKeyId", secret="YourAccessKeySecret")
    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


@pytest.fixture
def ali(provided: Provided) -> Provided:
    provided.server.routes = {"/": (200, {"Code": "OK", "BizId": "900619746936498440^0", "Message": "OK"})}
    provided.account(
        "sms-aliyun", {"key_secret": "s"}, key_id="K", sign="Kettle", template="SMS_1", api=provided.server.url,
        parameters='{"ref": "{reference}", "url": "{link}"}',
    )  # fmt: skip
    return provided


def test_aliyun_fills_the_template_and_reports(ali: Provided, cast: Cast) -> None:
    case, sent = letter(ali)
    assert (sent.state, sent.external_id) == (State.HANDED_OVER, "900619746936498440^0")
    (came,) = ali.server.calls
    asked = {name: values[0] for name, values in parse_qs(urlsplit(came.target).query).items()}
    assert (asked["PhoneNumbers"], asked["SignName"], asked["TemplateCode"]) == ("13800138000", "Kettle", "SMS_1")
    assert json.loads(asked["TemplateParam"])["ref"] == case.reference
    assert came.headers["x-acs-action"] == "SendSms"
    report = [{
        "phone_number": "13800138000", "success": False, "err_code": "MK:0001", "err_msg": "no number", "sms_size": "1",
        "biz_id": "900619746936498440^0", "out_id": str(sent.pk), "report_time": "2026-03-03 09:02:00",
    }]  # fmt: skip
    answer = ali.call(json.dumps(report).encode(), {})
    assert answer.json() == {"code": 0, "msg": "OK"}
    sent.refresh_from_db()
    assert (sent.state, ali.words(sent, wording.FAILURE)) == (State.FAILED, "MK:0001 no number")
    reply = [{
        "phone_number": "13800138000", "content": "TD?", "send_time": "2026-03-03 09:03:00", "dest_code": "1234",
        "sequence_id": 1234567890,
    }]  # fmt: skip
    for _ in range(2):
        assert ali.call(json.dumps(reply).encode(), {}).status_code == 200
    ali.sort()
    assert [each.case for each in ali.heard()] == [case]


def test_aliyun_refuses_in_words(ali: Provided, cast: Cast) -> None:
    ali.server.routes["/"] = (400, {"Code": "SignatureDoesNotMatch", "Message": "wrong"})
    with pytest.raises(AccountFailed, match="SignatureDoesNotMatch"):
        PROVIDERS["sms-aliyun"].check(providers.held(PROVIDERS["sms-aliyun"], ali.row, now=ali.now))
    ali.server.routes["/"] = (400, {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "wrong"})
    assert letter(ali)[1].state == State.FAILED


def test_tencent_fills_the_template_and_reports(provided: Provided, cast: Cast) -> None:
    status = {"SerialNo": "2019:538", "PhoneNumber": "+8613800138000", "Code": "Ok", "Message": "send success"}
    provided.server.routes = {"/": (200, {"Response": {"SendStatusSet": [status], "RequestId": "a0"}})}
    provided.account(
        "sms-tencent", {"key_secret": "s"}, key_id="K", app_id="1400006666", sign="Kettle", template="1",
        api=provided.server.url,
    )  # fmt: skip
    case, sent = letter(provided)
    assert (sent.state, sent.external_id) == (State.HANDED_OVER, "2019:538")
    came = provided.server.calls[0]
    assert came.json["PhoneNumberSet"] == ["+8613800138000"]
    assert came.json["TemplateParamSet"][0] == case.reference
    report = [{"user_receive_time": "2026-03-03 09:02:00", "nationcode": "86", "mobile": "13800138000",
               "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "ok", "sid": "2019:538"}]  # fmt: skip
    assert provided.call(json.dumps(report).encode(), {}).json() == {"result": 0, "errmsg": "OK"}
    sent.refresh_from_db()
    assert sent.state == State.DELIVERED
    reply = {
        "extend": "",
        "mobile": "13800138000",
        "nationcode": "86",
        "sign": "Kettle",
        "text": "OK",
        "time": 1772499700,
    }
    for _ in range(2):
        assert provided.call(json.dumps(reply).encode(), {}).status_code == 200
    provided.sort()
    assert [(each.case, provided.words(each)) for each in provided.heard()] == [(case, "OK")]
    provided.server.routes["/"] = (
        200,
        {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "x"}}},
    )
    with pytest.raises(AccountFailed, match="AuthFailure"):
        PROVIDERS["sms-tencent"].check(providers.held(PROVIDERS["sms-tencent"], provided.row, now=after(9)))
