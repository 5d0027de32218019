"""Handing out a part of a file, as players ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

_ONE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
_CHUNK = 64 * 1024


def ranged(file: IO[bytes], size: int, asked: str, media_type: str) -> HttpResponseBase:
    """Return the bytes that a Range header asks for (206), all without one (200), or that there are none such (416).

    Several ranges at once are answered with all, as RFC 9110 (14.2) lets a server do.
    """
    found = _ONE.fullmatch(asked.strip())
    begin, end = found.groups() if found else ("", "")
    is_part = bool(begin or end) and not (begin and end and int(end) < int(begin))
    first, last = 0, size - 1
    if is_part:
        first = int(begin) if begin else max(0, size - int(end))
        last = min(int(end), last) if begin and end else last
        if first > last or first >= size:
            file.close()
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file.seek(first)
    response = StreamingHttpResponse(_Part(file, last - first + 1), content_type=media_type)
    if is_part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(last - first + 1)
    return response


class _Part:
    """So many bytes of a file from where it stands; closed with the response."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(_CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()
