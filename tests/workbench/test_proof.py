"""The page Proof says what was verified last, when and for whom, and lets whoever oversees have it done anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from builders import after, make_case, make_history
from cast import Cast
from ombud.cases.keeping import daily_roots, verifications
from ombud.cases.models import Recusal, RootStamp, Verification
from ombud.project import maintenance

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def page(client: Client, language: str = "en") -> str:
    return client.get("/desk/proof/", headers={"accept-language": language}).content.decode()


def test_whoever_oversees_has_everything_verified_and_reads_what_came_of_it(cast: Cast, sign_in: SignIn) -> None:
    case = make_history(cast, "register")
    client = sign_in("mo")
    assert "Never so far" in page(client)
    for _again in range(2):  # what waits waits once
        assert client.post("/desk/proof/verify/", follow=True).status_code == 200
    assert "the clock is at it" in page(client)
    assert verifications.run_waiting(now=after(211)) == 1
    assert verifications.run_waiting(now=after(212)) == 0
    row = Verification.objects.get()
    assert (row.asked_by, row.cases, row.problems) == (cast.mo, 1, 0)
    told = page(client)
    assert "Everything matches." in told
    assert "by the clock, asked by" in told
    case.phase = "nowhere"
    case.save(update_fields=["phase"])
    client.post("/desk/proof/verify/")
    verifications.run_waiting(now=after(213))
    told = page(client)
    assert case.reference in told
    assert "not match" in told


def test_nobody_else_may(cast: Cast, sign_in: SignIn) -> None:
    for who in ("lin", "chen"):
        assert sign_in(who).post("/desk/proof/verify/").status_code == 403
    assert Client().post("/desk/proof/verify/").status_code == 302
    assert not Verification.objects.exists()


def test_who_was_taken_out_of_a_case_is_not_told_of_it(cast: Cast) -> None:
    case = make_case().case
    row = Verification(found=[f"{case.reference}: chain broken at event 1", "daily root 1 does not match"])
    assert verifications.shown(row, cast.mo) == row.found
    Recusal.objects.create(case=case, person=cast.mo, reason="x", at=after(1))
    assert verifications.shown(row, cast.mo) == ["daily root 1 does not match"]


def test_what_a_killed_clock_had_begun_is_begun_anew(cast: Cast) -> None:
    verifications.ask(by=cast.mo, now=after(0))
    Verification.objects.update(begun_at=after(1))
    assert verifications.run_waiting(now=after(60)) == 0
    assert verifications.run_waiting(now=after(1) + verifications.LOST + timedelta(minutes=1)) == 1


def test_the_command_is_written_down_too(cast: Cast, capsys: pytest.CaptureFixture[str], sign_in: SignIn) -> None:
    make_case()
    assert maintenance.verify(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cases"] == 1
    assert "<code>ombud verify</code>" in page(sign_in("mo"))
    assert Verification.objects.get().way == Verification.Way.COMMAND


def test_a_root_says_when_it_was_stamped_or_why_not(cast: Cast, sign_in: SignIn) -> None:
    make_case()
    root = daily_roots.make_root(now=after(100))
    client = sign_in("mo")
    assert "Time stamp" not in page(client)
    stamp = RootStamp.objects.create(
        root=root, authority="https://tsa.example.com", asked_at=after(101), failure="nonce"
    )
    assert "the answer is an old one" in page(client)
    RootStamp.objects.filter(pk=stamp.pk).update(answer=b"x", stamped_at=after(102), failure="")
    assert "signature not checked here" in page(client)
