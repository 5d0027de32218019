"""A token for one policy: cases of another are not there, and nothing is filed or listed under it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from builders import make_case, publish_policy
from cast import POLICY, Cast
from ombud.api import keys
from ombud.organisation.models import Membership

pytestmark = pytest.mark.django_db
OTHER = "student-complaints"


def test_a_token_for_one_policy_opens_nothing_of_another(cast: Cast) -> None:
    publish_policy(OTHER)
    mo, case = cast.people["mo"], make_case().case
    Membership.objects.create(person=mo, policy=POLICY, role="agent")

    def client(policy: str) -> dict[str, str]:
        _row, token = keys.issue_token(mo, name="t", policy=policy, now=timezone.now())
        return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    own, other = client(POLICY), client(OTHER)
    for below in ("", "/events", "/duties"):
        address = f"/api/v1/cases/{case.reference}{below}"
        assert Client().get(address, headers=own).status_code == 200
        assert Client().get(address, headers=other).status_code == 404
    act = f"/api/v1/cases/{case.reference}/acts/note"
    assert (
        Client().post(act, {"seen": case.seq, "data": {}}, content_type="application/json", headers=other).status_code
        == 404
    )
    listed = Client().get("/api/v1/cases", headers=own).json()["cases"]
    assert [each["reference"] for each in listed] == [case.reference]
    assert Client().get("/api/v1/cases", headers=other).json()["cases"] == []
    assert Client().get("/api/v1/cases", {"policy": POLICY}, headers=other).status_code == 403
    complaint = {"policy": POLICY, "channel": "hotline", "data": {"subject": "x"}}
    sent = Client().post("/api/v1/complaints", complaint, content_type="application/json", headers=other)
    assert sent.status_code == 403
