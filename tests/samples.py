"""Files that tests hand in."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

#: A picture as far as anybody looks at it: its signature, and the beginning of its first part.
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 200

#: A moment of silence: 8 kHz, 8 bits, one channel.
WAV = (
    b"RIFF\x2c\x01\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\x01\0\0"
    + b"\x80" * 264
)


def picture_file(kind: str = "PNG", size: tuple[int, int] = (400, 200), *, tells: bool = False) -> bytes:
    """Return a whole picture; one that `tells` says with what it was taken, as cameras write it."""
    out, exif = BytesIO(), Image.Exif()
    if tells:
        exif[0x010F] = "Maker of the camera"
    Image.new("RGB", size, "green").save(out, kind, exif=exif)
    return out.getvalue()
