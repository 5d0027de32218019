"""What `make soak` is made of: what it does follows a seed, and a finding ends it with 1."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench import soak, soak_faults, soak_load
from bench.soak_inside import counted
from bench.soak_site import JUMPING
from django.utils import timezone

from builders import GRADES, START, do, make_case, publish_policy
from cast import make_cast
from ombud.cases import attachments
from ombud.cases.models import Attachment, Case, Event
from ombud.notices.models import Letter, Notice
from stand_in import StandIn

PDF = b"%PDF-1.4\n" + b"0" * 500


@pytest.mark.django_db
def test_what_was_lost_doubled_or_diverged_is_counted_and_nothing_else_is() -> None:
    publish_policy()
    cast = make_cast()
    row = attachments.store(BytesIO(PDF), name="a.pdf", uploaded_by="t1", now=START)
    case = make_case().case
    do(case, "register", cast, "lin", minutes=1, data=GRADES)
    ledger: dict[str, Any] = {
        "filed": {"a": case.reference}, "acted": [(case.reference, "register")], "uploads": {str(row.pk): row.sha256},
        "unanswered": 0, "differing": 0,
    }  # fmt: skip
    sound = counted(ledger)
    assert not any(sound["findings"].values()), sound
    assert (sound["cases"], sound["problems"]) == (1, [])

    other = make_case(minutes=2).case  # filed, and acknowledged to nobody: the second of one complaint
    rung = {"duty": "register", "instance": 1, "revision": 1, "rung": 0}
    for seq in (90, 91):  # behind whatever the policy did by itself
        Event.objects.create(
            case=case, seq=seq, act="rung", occurred=0, recorded=0, actor="system", role="clock", data=rung
        )
        Notice.objects.create(person=cast.lin, case=case, kind=Notice.Kind.BREACH, at=START, dedupe=str(seq))
        Letter.objects.create(case=case, document="closing", language="zh", seq=2, written_at=START, dedupe=str(seq))
    Event.objects.create(case=case, seq=92, act="register", occurred=0, recorded=0, actor="x", role="agent", data={})
    Attachment.objects.update(sha256="0" * 64)
    ledger["filed"]["b"] = "gone"
    ledger["acted"] += [(other.reference, "register")]
    ledger["uploads"] = {str(row.pk): "1" * 64}
    found = counted(ledger)["findings"]
    assert found.pop("diverged folds") > 0
    assert found == {
        "lost complaints": 1, "lost acts": 1, "lost files": 1, "complaints filed twice": 0, "acts performed twice": 1,
        "rungs doubled": 1, "notices doubled": 1, "letters doubled": 1,
    }  # fmt: skip
    del ledger["filed"]["b"]
    assert counted(ledger)["findings"]["complaints filed twice"] == 1
    assert Case.objects.count() == 2


def test_faults_follow_the_seed_and_every_kind_comes_before_one_comes_again() -> None:
    def names(seed: int, *, has_disk: bool = True) -> list[str]:
        number = len(soak_faults.FAULTS) - (not has_disk)
        return [each.name for each in islice(soak_faults.drawn(random.Random(seed), has_disk=has_disk), number)]

    assert names(1) == names(1) != names(2)
    assert sorted(names(1)) == sorted(each.name for each in soak_faults.FAULTS)
    assert soak_faults.NEEDS_DISK not in names(1, has_disk=False)


def test_a_client_sends_a_complaint_until_it_is_acknowledged_and_notes_it_once() -> None:
    told = (201, '{"reference": "KT-1"}', {"Content-Type": "application/json"})
    ledger = soak_load.Ledger()
    with StandIn([(503, "", {}), (503, "", {}), told]) as server:
        port = int(server.url.rpartition(":")[2].strip("/"))
        client = soak_load.Client(port, "token", ledger, threading.Event(), random.Random(1))
        assert client.file(None) == "KT-1"
    assert list(ledger.filed.values()) == ["KT-1"]
    assert ledger.answers["503"] == 2
    assert server.calls[0].content == server.calls[1].content == server.calls[2].content
    assert '"KT-1"' in ledger.written()


def test_a_finding_ends_it_with_1_and_stands_in_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["acknowledged", "unanswered", "refused", "cases", "events", "rungs", "notices", "letters", "sent", "again"]
    got: dict[str, Any] = {key: 70 for key in [*keys, "turned away"]}
    got |= {"faults": Counter(each.name for each in soak_faults.FAULTS), "has_disk": False, "problems": []}
    monkeypatch.setattr(sys, "argv", ["soak", "--minutes", "0", "--databases", "sqlite"])
    for lost, code in ((0, 0), (1, 1)):
        monkeypatch.setattr(soak, "soaked", lambda *_, lost=lost, **__: {**got, "findings": {"lost acts": lost}})
        assert soak.main() == code
        printed = capsys.readouterr().out
        assert f"| **lost acts** | {lost}" in " ".join(printed.split())
        assert "left out: may not mount a disk" in printed
    idle = {**got, "acknowledged": 1, "findings": {"lost acts": 0}}
    monkeypatch.setattr(soak, "soaked", lambda *_, **__: idle)
    assert soak.main() == 1, "nothing is lost where nothing was acknowledged"
    monkeypatch.setattr(soak, "soaked", lambda *_, **__: None)
    assert soak.main() == 1, "what was never tried is no proof"


def test_the_clock_of_a_process_jumps_by_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "offset").write_text("-86400")
    env = {**os.environ, "PYTHONPATH": str(JUMPING), "SOAK_OFFSET": str(tmp_path / "offset")}
    env["DJANGO_SETTINGS_MODULE"] = "django.conf.global_settings"
    program = "from django.utils.timezone import now; print(now().isoformat())"
    told = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout
    behind = timezone.now() - datetime.fromisoformat(told.strip())
    assert timedelta(days=1) <= behind < timedelta(days=1, minutes=5)
