"""Tencent Cloud's SMS: signed as TC3-HMAC-SHA256 wants it; what it pushes to us only the account's address proves."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlsplit

from ombud.channels import calling, payload
from ombud.channels.filling import parameters_of
from ombud.channels.providers import Call, Heard, Held, Report, Taken
from ombud.channels.sms.numbers import number_of
from ombud.correspondence import outcomes
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused, TryAgain

API = "https://sms.tencentcloudapi.com"
VERSION, SERVICE = "2021-01-11", "sms"
_ALGORITHM, _JSON = "TC3-HMAC-SHA256", "application/json; charset=utf-8"
_REFUSED = ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist")
_LATER = ("LimitExceeded", "RequestLimitExceeded", "InternalError")


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells: a reply, or what became of ours. Raises Unreadable."""
    content = payload.parsed(call.body)
    heard = _heard(content, held)
    return Taken(
        heard=[heard] if heard is not None else (),
        reports=[_report(row) for row in payload.listed(content) if payload.text(row, "sid")],
        answer='{"result": 0, "errmsg": "OK"}',
    )


def send(parcel: Parcel, held: Held) -> str:
    """Hand the template's parameters over and return the id there."""
    content = {
        "PhoneNumberSet": [parcel.address],
        "SmsSdkAppId": held["app_id"],
        "SignName": held["sign"],
        "TemplateId": held["template"],
        "TemplateParamSet": parameters_of(parcel, held),
        "SessionContext": parcel.id,
    }
    status = payload.at(_called("SendSms", content, held), "SendStatusSet", 0)
    _judge(payload.text(status, "Code"), payload.text(status, "Message"))
    return payload.text(status, "SerialNo")[:250]


def check(held: Held) -> None:
    """Ask for the template. Raises AccountFailed."""
    wanted = [int(held["template"])] if held["template"].isdecimal() else []
    with calling.asking():
        _called("DescribeSmsTemplateList", {"International": 0, "TemplateIdSet": wanted}, held)


def authorization(body: bytes, *, host: str, service: str, stamp: int, date: str, key_id: str, secret: str) -> str:
    """Return the header Authorization of a JSON body."""
    asked = f"POST\n/\n\ncontent-type:{_JSON}\nhost:{host}\n\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{date}/{service}/tc3_request"
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={key_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"


def _called(action: str, content: Any, held: Held) -> Any:
    body, host, stamp = json.dumps(content).encode(), urlsplit(held["api"]).netloc, int(held.now.timestamp())
    headers = {
        "Host": host,
        "Content-Type": _JSON,
        "X-TC-Action": action,
        "X-TC-Version": VERSION,
        "X-TC-Timestamp": str(stamp),
        "X-TC-Region": held["cloud_region"],
        "Authorization": authorization(
            body,
            host=host,
            service=SERVICE,
            stamp=stamp,
            date=held.now.strftime("%Y-%m-%d"),
            key_id=held["key_id"],
            secret=held["key_secret"],
        ),
    }
    answer = calling.post_bytes(held["api"], body, headers)
    calling.judge(answer)
    response = payload.at(answer.json, "Response")
    if error := payload.at(response, "Error"):
        _judge(payload.text(error, "Code") or "unknown", payload.text(error, "Message"))
    return response


def _judge(code: str, message: str) -> None:
    words = f"{code} {message}"[:300]
    if code == "Ok":
        return
    if code.startswith(_LATER) or not code:
        raise TryAgain(words)
    if code in _REFUSED:
        raise Refused(words)
    raise AccountFailed(words)


def _heard(content: Any, held: Held) -> Heard | None:
    mobile, text = payload.text(content, "mobile"), payload.text(content, "text")
    if not mobile or not text:
        return None
    nation = payload.text(content, "nationcode")
    told = f"{nation}|{mobile}|{payload.text(content, 'time')}|{text}"
    return Heard(
        id=hashlib.sha256(told.encode()).hexdigest(),
        sender=number_of(f"+{nation}{mobile}" if nation else mobile, held),
        text=text,
        at=payload.instant(content, "time"),
        language="zh",
    )


def _report(row: Any) -> Report:
    outcome = outcomes.DELIVERED if payload.text(row, "report_status") == "SUCCESS" else outcomes.FAILED
    words = f"{payload.text(row, 'errmsg')} {payload.text(row, 'description')}".strip()
    return Report(id=payload.text(row, "sid")[:250], outcome=outcome, words=words[:500])
