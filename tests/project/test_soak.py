"""What `make soak` is made of: what it does follows a seed, and a finding ends it with 1."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench import soak, soak_faults, soak_load
from bench.soak_site import JUMPING
from django.utils import timezone

from stand_in import StandIn

PDF = b"%PDF-1.4\n" + b"0" * 500


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
