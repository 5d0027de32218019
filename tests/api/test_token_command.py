"""`ombud token`: who may call, given out and taken back at the command line."""

import json

import pytest

from ombud.api.models import ApiToken, IntakeKey
from ombud.api.token_command import run

pytestmark = pytest.mark.django_db


def test_a_token_is_printed_once_and_works(cast, knocking, capsys):
    assert run(["create", "lin", "--name", "a script", "--scope", "read"]) == 0
    token = capsys.readouterr().out.strip()
    assert knocking(authorization=f"Bearer {token}").get("/cases").status_code == 200
    assert run(["list"]) == 0
    listed = capsys.readouterr().out
    assert "a script" in listed
    assert token not in listed


def test_a_token_may_end_by_itself(cast, capsys):
    run(["create", "lin", "--name", "a script", "--days", "7"])
    row = ApiToken.objects.get()
    assert 6 <= (row.expires_at - row.created_at).days <= 8
    assert row.scopes == ["read", "act", "intake"]


def test_a_revoked_token_opens_nothing(cast, knocking, capsys):
    run(["create", "lin", "--name", "a script"])
    caller = knocking(authorization=f"Bearer {capsys.readouterr().out.strip()}")
    assert caller.get("/cases").status_code == 200
    assert run(["revoke", f"t{ApiToken.objects.get().pk}"]) == 0
    assert caller.get("/cases").status_code == 401


def test_a_public_key_belongs_to_a_way_in_that_complainants_use_themselves(cast, capsys):
    assert run(["intake", "customer-complaints", "web", "--name", "our shop", "--per-address", "5"]) == 0
    assert capsys.readouterr().out.strip() == IntakeKey.objects.get().key
    run(["list", "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["kind"], row["channel"], row["per_address"], row["per_hour"]) == ("intake", "web", 5, 600)
    assert run(["revoke", row["id"]]) == 0
    assert IntakeKey.objects.get().revoked_at


@pytest.mark.parametrize(
    "arguments",
    [["create", "noone", "--name", "x"], ["intake", "none", "web", "--name", "x"], ["revoke", "t9"], ["revoke", "x"],
     ["intake", "customer-complaints", "hotline", "--name", "x"], ["revoke", "t\u0661"], ["revoke", "t" + "9" * 30]],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_exit_code_2(cast, capsys, arguments):
    assert run(arguments) == 2
    assert capsys.readouterr().err.startswith("ombud token: ")
