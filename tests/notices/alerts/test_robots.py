"""What each provider is sent, as its documentation writes it, and how its answer is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ombud.notices.alerts import robots
from ombud.notices.alerts.models import Way
from ombud.notices.alerts.robots import NotTaken
from ombud.notices.alerts.wording import Said
from stand_in import StandIn

NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
SAID = Said(title="Overdue: Register · HW-1", body="HW-1 · Overdue: Register <b>\nhttps://ombud.example.com/")
TEXT = f"{SAID.title}\n{SAID.body}"
Kind = Way.Kind


@pytest.fixture
def server(settings: Any) -> Iterator[StandIn]:
    with StandIn() as stand_in:
        settings.OMBUD_OUTGOING_ALLOWED = [stand_in.url]
        yield stand_in


def told(server: StandIn, kind: str, *, path: str = "/hook", secret: str = "", answer: tuple[int, str]) -> str:
    server.answers = [(*answer, {})]
    return robots.send(kind, server.url + path, secret, SAID, now=NOW)


ANSWERS = {
    Kind.WECOM: (200, '{"errcode":0,"errmsg":"ok"}'),
    Kind.DINGTALK: (200, '{"errcode":0,"errmsg":"ok"}'),
    Kind.FEISHU: (200, '{"code":0,"data":{},"msg":"success"}'),
    Kind.SLACK: (200, "ok"),
    Kind.TEAMS: (202, ""),
    Kind.GATEWAY: (200, ""),
}
CONTENTS = {
    Kind.WECOM: {"msgtype": "text", "text": {"content": TEXT}},
    Kind.DINGTALK: {"msgtype": "text", "text": {"content": TEXT}},
    Kind.FEISHU: {"msg_type": "text", "content": {"text": TEXT}},
    Kind.SLACK: {"text": TEXT.replace("<b>", "&lt;b&gt;")},
    Kind.GATEWAY: {"title": SAID.title, "body": SAID.body, "type": "info", "format": "text"},
}
REFUSALS = {
    Kind.WECOM: (200, '{"errcode":93000,"errmsg":"invalid webhook url"}'),
    Kind.DINGTALK: (200, '{"errcode":310000,"errmsg":"keywords not in content"}'),
    Kind.FEISHU: (200, '{"code":19021,"msg":"sign match fail or timestamp is not within one hour"}'),
    Kind.SLACK: (404, "no_service"),
    Kind.TEAMS: (401, '{"error":{"code":"DirectApiAuthorizationRequired"}}'),
    Kind.GATEWAY: (424, '{"error":"none of them was reached"}'),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_message_is_taken_where_the_provider_says_so(server: StandIn, kind: str) -> None:
    answer = told(server, kind, path="/hook?key=abc", answer=ANSWERS[kind])
    assert answer == f"{ANSWERS[kind][0]} {ANSWERS[kind][1]}".strip()
    (call,) = server.calls
    assert call.target == "/hook?key=abc"
    if kind in CONTENTS:
        assert call.content == CONTENTS[kind]


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_a_provider_refuses_is_not_taken_whatever_the_status_and_its_words_are_kept(
    server: StandIn, kind: str
) -> None:
    with pytest.raises(NotTaken) as refused:
        told(server, kind, answer=REFUSALS[kind])
    assert str(refused.value) == f"{REFUSALS[kind][0]} {REFUSALS[kind][1]}"


@pytest.mark.parametrize("kind", [Kind.WECOM, Kind.DINGTALK, Kind.FEISHU, Kind.SLACK])
def test_a_page_instead_of_an_answer_is_a_refusal(server: StandIn, kind: str) -> None:
    with pytest.raises(NotTaken):
        told(server, kind, answer=(200, "<html>Sign in to the network</html>"))


def test_dingtalk_and_feishu_are_signed_as_they_document_it(server: StandIn) -> None:
    told(server, Kind.DINGTALK, path="/robot/send?access_token=t", secret="SECx", answer=ANSWERS[Kind.DINGTALK])
    told(server, Kind.FEISHU, secret="fx", answer=(200, '{"StatusCode":0,"StatusMessage":"success"}'))
    ding, feishu = server.calls
    # Worked out apart: base64(HMAC-SHA256(key=secret, "<ms>\n<secret>")), and with "<s>\n<secret>" as the key.
    assert ding.target == (
        "/robot/send?access_token=t&timestamp=1772499600000&sign=A3UWOS1xgYQhpMB87UmoLppdhAFr65hm17BAuVyErnc%3D"
    )
    assert feishu.content["timestamp"] == "1772499600"
    assert feishu.content["sign"] == "txnlAkCKMNIuhuFMd1NgtLQ8Txkr7Io0wOCEBFZ3M7c="


def test_teams_gets_a_card_whose_lines_stay_lines(server: StandIn) -> None:
    told(server, Kind.TEAMS, answer=ANSWERS[Kind.TEAMS])
    (attachment,) = server.calls[0].content["attachments"]
    title, body = attachment["content"]["body"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert title["text"] == SAID.title
    assert body["text"] == SAID.body.replace("\n", "\n\n")


def test_a_long_message_is_cut_where_a_paragraph_ends(server: StandIn) -> None:
    long = Said(title="9 notices", body="\n\n".join(f"{n} " + "\u6295\u8bc9" * 100 for n in range(9)))
    robots.send(Kind.WECOM, server.url, "", long, now=NOW)
    content = server.calls[0].content["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.split("\n\n")[-1] == "2 " + "\u6295\u8bc9" * 100
    robots.send(Kind.WECOM, server.url, "", Said(title="1", body="\u6295" * 3000), now=NOW)
    assert len(server.calls[1].content["text"]["content"].encode()) <= 2048


def test_an_address_must_be_one_of_the_providers(settings: Any) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = ["https://chat.example.internal"]
    assert robots.is_ones(Kind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a")
    assert robots.is_ones(Kind.TEAMS, "https://prod-1.westeurope.logic.azure.com:443/workflows/a")
    assert robots.is_ones(Kind.SLACK, "https://chat.example.internal/hooks/a")  # Mattermost takes what Slack takes
    assert robots.is_ones(Kind.GATEWAY, "https://apprise.example.com/notify/a")
    assert not robots.is_ones(Kind.WECOM, "https://qyapi.weixin.qq.com.example.com/")
    assert not robots.is_ones(Kind.TEAMS, "https://logic.azure.com.example.com/")
    assert not robots.is_ones(Kind.SLACK, "https://example.com/hooks.slack.com")
