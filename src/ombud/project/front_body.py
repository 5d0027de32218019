"""Taking a body in: in memory while it is small, on the disk beyond, and no slower than a poor line is."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import shutil
import tempfile
from collections.abc import Iterator
from io import BytesIO
from types import TracebackType
from typing import IO, Any

SMALL = 256 * 1024  # bytes that are kept in memory
GRACE, RATE = 10.0, 8 * 1024  # seconds that every sender has; bytes a second that buy more of them
SPARE = 256 * 1024 * 1024  # bytes of disk that bodies on their way leave free
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.ENOENT)  # the last: no folder for temporary files can be written to


class TooSlow(Exception):
    """The body comes at less than the least rate."""


class Broken(Exception):
    """The sender went away before the body was whole."""


class NoRoom(OSError):
    """The disk has no room for the body."""


class Body:
    """A body that has arrived, as a file; a context manager that removes it."""

    def __init__(self, size: int, file: IO[bytes] | None = None) -> None:
        self.size, self.file = size, file or BytesIO()

    @property
    def is_large(self) -> bool:
        return self.size > SMALL

    def __enter__(self) -> Body:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()


async def receive(proto: Any, length: int | None, limit: int) -> Body:
    """Return the body of so many bytes (None: sent in chunks, its length is not known); no more of it than the limit.

    Raises TooSlow, Broken, NoRoom. A body that is cut off at the limit tells a size above it.
    """
    with _room():
        if (length or 0) > SMALL and shutil.disk_usage(tempfile.gettempdir()).free < SPARE + (length or 0):
            raise NoRoom
    loop = asyncio.get_running_loop()
    began, size = loop.time(), 0
    file = tempfile.SpooledTemporaryFile(SMALL)  # noqa: SIM115  # the body closes it
    chunks = aiter(proto)
    try:
        while length is None or size < length:
            try:
                async with asyncio.timeout_at(began + GRACE + size / RATE):
                    chunk = await chunks.__anext__()  # what granian gives is no coroutine, which anext() would want
            except StopAsyncIteration:
                break
            size += len(chunk)
            if size > limit:
                break
            with _room():
                file.write(chunk)
        if length is not None and size < length:
            raise Broken
        with _room():
            file.seek(0)  # which writes what waited
    except BaseException as error:
        with contextlib.suppress(OSError):  # what waited finds no room either
            file.close()
        if isinstance(error, TimeoutError):
            raise TooSlow from error
        raise
    return Body(size, file)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    """Raise NoRoom where the disk turns out to be full, which another program may have done meanwhile."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom from error
        raise
