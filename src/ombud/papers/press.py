"""The process that sets papers: no settings, no database, no files but its fonts; as much memory as one paper needs.

It is told what to set on its standard input and answers on its standard output, until the input ends. Texts arrive as
values, never as source, so that nothing in them can be a command; what is set has no folder to read and no network.
"""

from __future__ import annotations

import base64
import json
import resource
import struct
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

import typst

MEMORY = 1024 * 1024 * 1024  # bytes of its own; fonts are read from their files
LENGTH = struct.Struct(">BI")  # how it went, and the length of what follows
DONE, FAILED = 0, 1


def main() -> None:
    """Set papers until the input ends."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a paper's text has no business in a core file
    fonts = typst.Fonts(include_system_fonts=True, font_paths=sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="ombud-press-") as empty:
        write(sys.stdout.buffer, DONE, b"")  # ready: its first paper need not wait for the fonts
        while (asked := read(sys.stdin.buffer)) is not None:
            try:
                write(sys.stdout.buffer, DONE, _set(json.loads(asked[1]), fonts, empty))
            except (typst.TypstError, MemoryError) as error:
                write(sys.stdout.buffer, FAILED, str(error).encode())


def _set(asked: dict[str, Any], fonts: typst.Fonts, empty: str) -> bytes:
    sources = {name: base64.b64decode(content) for name, content in asked["sources"].items()}
    pictures = {Path(empty, name): base64.b64decode(content) for name, content in asked["pictures"].items()}
    for path, content in pictures.items():  # the setter takes text from memory, and pictures from its folder only
        path.write_bytes(content)
    try:
        return _compiled(asked, sources, fonts, empty)
    finally:
        for path in pictures:
            path.unlink()


def _compiled(asked: dict[str, Any], sources: dict[str, bytes], fonts: typst.Fonts, empty: str) -> bytes:
    compiler = typst.Compiler(
        sources,  # type: ignore[type-var]  # its stubs do not know that it takes several files by name
        root=empty,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": asked["data"]},
        package_path=empty,
        package_cache_path=empty,
    )
    # PDF/A: it can be read in ten years, and names the same bytes for the same paper.
    made = compiler.compile(format="pdf", pdf_standards="a-2a", timestamp=asked["at"])
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def read(stream: IO[bytes]) -> tuple[int, bytes] | None:
    """Return (how it went, what was said), or None at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    went, length = LENGTH.unpack(head)
    said = stream.read(length)
    return (went, said) if len(said) == length else None


def write(stream: IO[bytes], went: int, said: bytes) -> None:
    """Say it, whole."""
    stream.write(LENGTH.pack(went, len(said)) + said)
    stream.flush()


if __name__ == "__main__":
    main()
