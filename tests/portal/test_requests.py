"""Under a policy of requests a person reads of requests, from the first page to the last, in each language."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from builders import after, publish_policy
from ombud.cases.models import Case
from ombud.cases.references import shown
from ombud.channels.intake import receive
from ombud.engine.model import COMPLAINANT_ACTOR

pytestmark = pytest.mark.django_db
POLICY = "data-protection"
WORDS = {"zh-hans": "投诉", "en": "complain", "de": "eschwerde"}


def read(page: bytes) -> str:
    """Return what a page says, without its marks and addresses."""
    return unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page.decode(), flags=re.DOTALL))


def filed() -> tuple[Case, str]:
    data = {"subject": "删除", "right": "erasure", "name": "王小明", "email": "wang@example.com"}
    at = after(0)
    received = receive(POLICY, channel="web", language="zh", data=data, actor=COMPLAINANT_ACTOR, at=at, now=at)
    return received.case, received.secret


@pytest.mark.parametrize("language", WORDS)
def test_no_page_of_a_request_speaks_of_complaints(cast: object, language: str) -> None:
    publish_policy(POLICY)
    case, secret = filed()
    client = Client(headers={"accept-language": language})
    begun = client.post(f"/file/{POLICY}/", follow=True)
    tracked = client.get(f"/track/{shown(case.reference)}/{secret}/", follow=True)
    paths = [f"/to/{POLICY}/", begun.request["PATH_INFO"], tracked.request["PATH_INFO"]]
    paths += [f"/track/{case.reference}/receipt/", f"/track/{case.reference}/do/withdraw/"]
    around = re.compile(rf".{{0,30}}{WORDS[language]}.{{0,20}}")
    found = [(path, around.findall(read(client.get(path, follow=True).content))) for path in paths]
    assert found == [(path, []) for path in paths]


def test_the_pages_of_complaints_and_what_comes_after_are_as_they_were(cast: object) -> None:
    publish_policy(POLICY)
    client = Client(headers={"accept-language": "zh-hans"})
    assert "请求" in client.get(f"/to/{POLICY}/").content.decode()
    other = client.get("/to/customer-complaints/").content.decode()
    assert "提交投诉" in other
