"""Aliyun's SMS: signed as ACS3-HMAC-SHA256 wants it; what it pushes to us is proved by the account's address alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from ombud.channels import calling, payload
from ombud.channels.filling import parameters_of
from ombud.channels.providers import Call, Heard, Held, Report, Taken, Unreadable
from ombud.channels.sms.numbers import number_of
from ombud.correspondence import outcomes
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused, TryAgain

API = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
_ALGORITHM = "ACS3-HMAC-SHA256"
_LATER = ("isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "Throttling")
_REFUSED = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.BLACK_KEY_CONTROL_LIMIT")


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells: replies, or what became of ours. Raises Unreadable."""
    content = payload.parsed(call.body)
    if not isinstance(content, list):
        raise Unreadable("A list of replies or reports.")
    rows = payload.listed(content)
    return Taken(
        heard=[_heard(row, held) for row in rows if payload.text(row, "content") and payload.text(row, "phone_number")],
        reports=[_report(row) for row in rows if payload.text(row, "biz_id")],
        answer='{"code": 0, "msg": "OK"}',
    )


def send(parcel: Parcel, held: Held) -> str:
    """Hand the template's parameters over and return the id there."""
    query = {
        "PhoneNumbers": parcel.address.removeprefix("+86").removeprefix("+"),
        "SignName": held["sign"],
        "TemplateCode": held["template"],
        "TemplateParam": json.dumps(parameters_of(parcel, held), ensure_ascii=False),
        "OutId": parcel.id,
    }
    return payload.text(_called("SendSms", query, held), "BizId")[:250]


def check(held: Held) -> None:
    """Ask for the template. Raises AccountFailed."""
    with calling.asking():
        _called("QuerySmsTemplate", {"TemplateCode": held["template"]}, held)


def signed(
    query: Mapping[str, str], headers: Mapping[str, str], *, key_id: str, secret: str, body: bytes = b""
) -> tuple[str, str]:
    """Return the query as it is signed, and the header Authorization."""
    written = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(query.items()))
    lines = "".join(f"{name}:{value.strip()}\n" for name, value in sorted(headers.items()))
    names = ";".join(sorted(headers))
    asked = f"POST\n/\n{written}\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(asked.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()
    return written, f"{_ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def _called(action: str, query: Mapping[str, str], held: Held) -> Any:
    headers = {
        "host": urlsplit(held["api"]).netloc,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": _date(held.now),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": VERSION,
    }
    written, authorization = signed(query, headers, key_id=held["key_id"], secret=held["key_secret"])
    url = f"{held['api']}/?{written}"
    answer = calling.post_bytes(url, b"", {**headers, "Authorization": authorization, "Accept": "application/json"})
    code = payload.text(answer.json, "Code")
    if code == "OK":
        return answer.json
    words = f"{code} {payload.text(answer.json, 'Message')}"[:300]
    if code.startswith(_LATER) or not code:
        raise TryAgain(words if code else f"{answer.status} {answer.body[:200].decode(errors='replace')}")
    if code in _REFUSED:
        raise Refused(words)
    raise AccountFailed(words)


def _heard(row: Any, held: Held) -> Heard:
    sender, text = payload.text(row, "phone_number"), payload.text(row, "content")
    told = f"{sender}|{payload.text(row, 'send_time')}|{text}"
    there = payload.text(row, "sequence_id") or hashlib.sha256(told.encode()).hexdigest()
    return Heard(id=there[:250], sender=number_of(sender, held), text=text, language="zh")


def _report(row: Any) -> Report:
    outcome = outcomes.DELIVERED if payload.at(row, "success") is True else outcomes.FAILED
    words = f"{payload.text(row, 'err_code')} {payload.text(row, 'err_msg')}".strip()
    return Report(id=payload.text(row, "biz_id")[:250], outcome=outcome, words=words[:500])


def _date(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")  # `now` is UTC


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
