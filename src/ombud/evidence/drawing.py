"""The process that draws what is shown of a picture or PDF: without Django, keys or database, under limits.

stdin is the file, its media type the one argument; stdout is a line of JSON, the sizes of the JPEGs that follow it.
Whatever a file does to the libraries that read it happens here, to a process that holds nothing else. What is drawn
carries no data about the picture (EXIF: where and with what it was taken).
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator

from PIL import Image, ImageOps

from ombud.lifeline import die_with_parent

SMALL, LARGE = 320, 1600  # pixels of the longer side
PAGES = 12  # of a document that are drawn
PIXELS = 80_000_000  # of a picture; a camera of today makes 50
SECONDS, BYTES = 20, 2**31  # of computing, of address space
POLITE = 10  # nicer than those who answer requests
PDF = "application/pdf"
#: Kinds that something is drawn of.
DRAWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", PDF})


def main(media_type: str) -> None:
    """Draw what comes on stdin, the small picture first; an exception is the answer that it cannot be drawn."""
    os.nice(POLITE)
    die_with_parent(signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has no business with files
    content = sys.stdin.buffer.read()
    drawn = list(_pages(content) if media_type == PDF else _picture(content))
    sizes = [len(each) for each in drawn]
    sys.stdout.buffer.write(json.dumps(sizes).encode() + b"\n" + b"".join(drawn))


def _picture(content: bytes) -> Iterator[bytes]:
    Image.MAX_IMAGE_PIXELS = PIXELS
    with Image.open(io.BytesIO(content)) as picture:
        if picture.width * picture.height > PIXELS:
            raise ValueError("more pixels than are drawn")
        picture.draft("RGB", (LARGE, LARGE))  # a JPEG is read at an eighth where that is enough
        whole = ImageOps.exif_transpose(picture)
        yield _jpeg(whole, SMALL)
        yield _jpeg(whole, LARGE)


def _pages(content: bytes) -> Iterator[bytes]:
    import pypdfium2  # pictures need not wait for it

    with pypdfium2.PdfDocument(content) as document:
        for number in range(min(len(document), PAGES)):
            page = document[number]
            scale = LARGE / max(page.get_width(), page.get_height(), 1)
            drawn = page.render(scale=min(scale, 4)).to_pil()
            if not number:
                yield _jpeg(drawn, SMALL)
            yield _jpeg(drawn, LARGE)


def _jpeg(picture: Image.Image, side: int) -> bytes:
    small = picture.copy()
    small.thumbnail((side, side))
    if small.mode in ("RGBA", "LA", "P", "PA"):  # on white, as a page would show it
        small = small.convert("RGBA")
        under = Image.new("RGBA", small.size, "white")
        small = Image.alpha_composite(under, small)
    out = io.BytesIO()
    small.convert("RGB").save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1])
