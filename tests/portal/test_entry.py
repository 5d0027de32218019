"""The way in: one policy shows itself, several are chosen from, and a link may lead through one of them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from builders import START
from ombud.organisation.publishing import publish
from ombud.policy import load_sources
from shipped_packs import pack_of

pytestmark = pytest.mark.usefixtures("policy", "at_start")


def publish_another() -> None:
    """Put the same policy in force under another name."""
    sources = dict(pack_of("customer-complaints").sources)
    sources["pack.yaml"] = sources["pack.yaml"].replace("id: customer-complaints", "id: partner-complaints", 1)
    publish(load_sources(sources), now=START)


def test_one_policy_is_the_front_page_itself(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "/file/customer-complaints/" in page
    assert "登记受理您的投诉" in page
    assert "1小时内登记" not in page  # the duty's title is for staff
    assert re.findall(r'<script src="[^"?]*/([\w.]+)', page) == ["ombud.js"], "the desk's scripts stay there"


def test_several_policies_are_chosen_from_by_whose_complaints_they_are(client: Client) -> None:
    publish_another()
    page = client.get("/").content.decode()
    assert page.count("购买了我们的产品或服务的个人和企业") == 2
    assert "/to/customer-complaints/" in page
    assert "/to/partner-complaints/" in page
    own = client.get("/to/partner-complaints/").content.decode()
    assert "/file/partner-complaints/" in own
    assert "/file/customer-complaints/" not in own


@pytest.mark.parametrize(
    "link",
    [
        "/to/no-such-policy/",
        "/file/customer-complaints/?channel=hotline",
        "/file/customer-complaints/?channel=none",
        "/file/customer-complaints/?office=mars",
    ],
)
def test_a_link_that_leads_nowhere_is_not_found(client: Client, link: str) -> None:
    assert client.get(link).status_code == 404


def test_a_complaint_begun_through_a_link_asks_again_through_any_link_and_begins_through_the_newest(
    client: Client,
) -> None:
    first = client.get("/file/customer-complaints/?channel=web")["Location"]
    client.post(first, {"subject": "电水壶漏水"})
    for link in ("/file/customer-complaints/", "/file/customer-complaints/?channel=web"):
        assert client.get(link).status_code == 200
        anew = client.post(link)["Location"]
        assert anew != first
        assert "电水壶漏水" not in client.get(anew).content.decode()


def test_each_policys_own_page_says_whose_complaints_it_takes_and_leads_back_to_the_others(client: Client) -> None:
    assert 'class="back"' not in client.get("/").content.decode()  # there is only one
    publish_another()
    page = client.get("/to/partner-complaints/").content.decode()
    assert page.index("购买了我们的产品或服务的个人和企业") < page.index("<h1>")
    assert 'class="back" href="/"' in page


def test_a_channel_says_under_which_number_it_is_found(client: Client) -> None:
    sources = dict(pack_of("customer-complaints").sources)
    old = "  hotline: {kind: phone,"
    assert old in sources["pack.yaml"]
    sources["pack.yaml"] = sources["pack.yaml"].replace(old, f"{old} reach: 400-800-1234,")
    sources["pack.yaml"] = sources["pack.yaml"].replace("version: 1.0.0", "version: 1.0.1", 1)
    publish(load_sources(sources), now=START)
    assert "400-800-1234" in client.get("/").content.decode()
