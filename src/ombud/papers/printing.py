"""Having a paper set: one press for each process of ours, started at the first paper, ended where it takes too long."""

from __future__ import annotations

import atexit
import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ombud.papers import fonts, press
from ombud.papers.errors import PaperError, TooMuch

SECONDS = 10.0  # that one paper may take, on a press that runs
STARTS = 60.0  # seconds until a press must have read its fonts
MANY = 30.0  # seconds that a paper waits for those before it
PAPERS = 200  # after so many a press is replaced: what it remembers of them grows


def printed(
    template: str,
    data: Mapping[str, Any],
    *,
    images: Mapping[str, bytes],
    at: datetime,
    seconds: float | None = None,
    is_lenient: bool = False,
) -> bytes:
    """Return the PDF that a template of ours makes of these values; `at` is the date that it bears inside.

    The same values give the same bytes. It may take `seconds`; `is_lenient` prints letters that no font has as their
    numbers. Raises MissingFont, TooMuch, PaperError.
    """
    asked = {
        "sources": _written(_sources(template)),
        "pictures": _written(images),
        "data": json.dumps(_ready(data, is_lenient), ensure_ascii=False),
        "at": int(at.timestamp()),
    }
    return _press.set(json.dumps(asked).encode(), seconds or SECONDS)


def _written(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(content).decode() for name, content in contents.items()}


@lru_cache(maxsize=8)
def _sources(template: str) -> dict[str, bytes]:
    folder = files("ombud.papers").joinpath("templates")
    shared = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.endswith(".typ")}
    return {**shared, "main.typ": shared[template]}


def _ready(value: Any, is_lenient: bool) -> Any:
    """Return the values with every text such that it can be set."""
    if isinstance(value, str):
        return fonts.ready(value, is_lenient=is_lenient)
    if isinstance(value, Mapping):
        return {key: _ready(each, is_lenient) for key, each in value.items()}
    return [_ready(each, is_lenient) for each in value] if isinstance(value, list | tuple) else value


class _Press:
    """The process that sets one paper at a time for all threads of this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._set = 0
        atexit.register(self.stop)

    def set(self, asked: bytes, seconds: float) -> bytes:
        if not self._lock.acquire(timeout=MANY):
            raise TooMuch
        try:
            process = self._running()
            answer = _answer(process, asked, seconds) if process is not None else None
            if answer is None:
                self.stop()  # it may be ending still, and would be handed the next paper
        finally:
            self._lock.release()
        if answer is None:
            raise TooMuch
        went, said = answer
        if went != press.DONE:
            raise PaperError(said.decode(errors="replace"))
        return said

    def _running(self) -> subprocess.Popen[bytes] | None:
        """Return the press, a new one where there is none yet or it has done its share; None where none will begin."""
        if self._process is None or self._process.poll() is not None or self._set >= PAPERS:
            self.stop()
            self._process, self._set = _started(), 0
            # Apart from the first paper: a busy machine may take longer to read the fonts than a paper may take.
            if _answer(self._process, None, STARTS) is None:
                return None
        self._set += 1
        return self._process

    def stop(self) -> None:
        """End the press, if one runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _answer(process: subprocess.Popen[bytes], asked: bytes | None, seconds: float) -> tuple[int, bytes] | None:
    """Return what the press says, asked or by itself, or None where it died or had to be ended."""
    assert process.stdin is not None, "it was started with pipes"
    assert process.stdout is not None, "likewise"
    watch = threading.Timer(seconds, process.kill)
    watch.start()
    try:
        if asked is not None:
            press.write(process.stdin, press.DONE, asked)
        return press.read(process.stdout)
    except BrokenPipeError:
        return None
    finally:
        watch.cancel()


def _started() -> subprocess.Popen[bytes]:
    # It learns none of our secrets, and whatever asked for a package of the web would find nobody there.
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    nowhere = dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"
    )
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "ombud.papers.press", *fonts.folders()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**known, **nowhere},
        start_new_session=True,  # Ctrl-C is for us, who then end it
    )


_press = _Press()
