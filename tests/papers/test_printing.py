"""The press: a paper that takes too long, or too much, costs nobody else anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from ombud.papers import fonts, printing
from ombud.papers.errors import PaperError, TooMuch
from ombud.papers.letter import letter_pdf
from ombud.papers.printing import printed
from papers.pdfs import LETTER


def sources(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Let the press set this instead of a template of ours."""
    monkeypatch.setattr(printing, "_sources", lambda template: {"main.typ": source.encode()})


def made(**data: Any) -> bytes:
    return printed("x.typ", data, images={}, at=LETTER.written_at)


def test_a_paper_that_takes_too_long_is_given_up_and_the_next_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(printing, "SECONDS", 0.5)
        sources(slow, "#for a in range(100000) { for b in range(100000) { let c = a * b } }")
        with pytest.raises(TooMuch):
            made()
    assert letter_pdf(LETTER).startswith(b"%PDF")


def test_a_paper_that_wants_too_much_memory_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as big:
        sources(big, '#("x" * 3000000000).len()')
        with pytest.raises((TooMuch, PaperError)):
            made()
    assert letter_pdf(LETTER).startswith(b"%PDF")


@pytest.mark.parametrize(
    "source", ['#read("/etc/passwd")', '#read("../../../etc/passwd")', '#import "@preview/cetz:0.3.0": *']
)
def test_even_a_template_reads_no_file_and_no_package(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    sources(monkeypatch, source)
    with pytest.raises(PaperError):
        made()


def test_a_press_that_died_is_replaced() -> None:
    letter_pdf(LETTER)
    process = printing._press._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert letter_pdf(LETTER).startswith(b"%PDF")


def test_it_knows_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMBUD_MASTER_KEY", "5e" * 32)
    printing._press.stop()
    letter_pdf(LETTER)
    process = printing._press._process
    assert process is not None
    with open(f"/proc/{process.pid}/environ", "rb") as environ:
        assert b"OMBUD" not in environ.read()


def test_threads_get_each_its_own() -> None:
    titles = [f"Letter {number}" for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda title: letter_pdf(replace(LETTER, title=title)), titles))
    assert len(set(found)) == len(titles)


def test_a_press_that_is_slow_to_begin_costs_the_first_paper_none_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    letter_pdf(LETTER)
    printing._press.stop()
    begins = "import time; time.sleep(6); from ombud.papers import press; press.main()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    command = [sys.executable, "-P", "-c", begins, *fonts.folders()]
    with monkeypatch.context() as slow:
        slow.setattr(printing, "_started", lambda: subprocess.Popen(command, **pipes))  # type: ignore[call-overload]
        slow.setattr(printing, "SECONDS", 5.0)
        assert letter_pdf(LETTER).startswith(b"%PDF")
    printing._press.stop()


def test_a_press_that_never_begins_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    printing._press.stop()
    with monkeypatch.context() as hanging:
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        hanging.setattr(printing, "_started", lambda: subprocess.Popen(command, **pipes))  # type: ignore[call-overload]
        hanging.setattr(printing, "STARTS", 0.3)
        with pytest.raises(TooMuch):
            letter_pdf(LETTER)
    assert letter_pdf(LETTER).startswith(b"%PDF")


def test_a_press_that_is_still_ending_is_handed_no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    printing._press.stop()
    ends = (
        "import os, sys, time; from ombud.papers import press;"
        "press.write(sys.stdout.buffer, press.DONE, b''); os.close(1); time.sleep(60)"
    )
    with monkeypatch.context() as ending:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        command = [sys.executable, "-P", "-c", ends]
        ending.setattr(printing, "_started", lambda: subprocess.Popen(command, **pipes))  # type: ignore[call-overload]
        with pytest.raises(TooMuch):
            letter_pdf(LETTER)
    assert letter_pdf(LETTER).startswith(b"%PDF")
