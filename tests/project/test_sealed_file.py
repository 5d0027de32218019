"""A sealed file comes back as it was, or says what is wrong with it."""

from __future__ import annotations

from io import BytesIO

import pytest

from ombud.project import sealed_file
from ombud.project.sealed_file import Reader, SealedFileError, Writer

KEY, OTHER = b"k" * 32, b"o" * 32
HEAD = len(sealed_file.MAGIC) + 48


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "PIECE", 64)
    monkeypatch.setattr(sealed_file, "MB", 1)


def sealed(content: bytes) -> bytes:
    out = BytesIO()
    writer = Writer(out, KEY)
    for start in range(0, len(content), 50):
        writer.write(content[start : start + 50])
    writer.close()
    return out.getvalue()


def opened(whole: bytes, key: bytes = KEY) -> bytes:
    return Reader(BytesIO(whole), key).read()


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 1000])
def test_what_was_sealed_comes_back(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    assert opened(sealed(content)) == content
    assert content[:32] not in sealed(content) or size < 4


def test_every_cut_and_every_flipped_byte_is_told() -> None:
    whole = sealed(b"x" * 200)
    for length in range(len(whole)):
        with pytest.raises(SealedFileError):
            opened(whole[:length])
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 1
        with pytest.raises(SealedFileError):
            opened(bytes(broken))


def test_pieces_in_another_order_twice_or_left_out_are_told() -> None:
    whole = sealed(bytes(range(200)))
    one, two, rest = whole[HEAD : HEAD + 80], whole[HEAD + 80 : HEAD + 160], whole[HEAD + 160 :]
    for pieces in (two + one + rest, one + one + rest, two + rest):
        with pytest.raises(SealedFileError):
            opened(whole[:HEAD] + pieces)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda whole: whole[: HEAD + 80], "is cut off after 64 MB"),
        (lambda whole: whole[:-3], "damaged or cut off in its last megabyte, after 192 MB"),
        (lambda whole: whole[: HEAD + 90] + b"?" + whole[HEAD + 91 :], "is damaged between 64 and 128 MB"),
        (lambda whole: whole[:20] + b"?" + whole[21:], "its first bytes are damaged"),
        (lambda whole: b"PK" + whole, "no backup of Ombud"),
        (lambda whole: b"", "no backup of Ombud"),
    ],
)
def test_it_says_what_is_wrong(change: object, said: str) -> None:
    with pytest.raises(SealedFileError, match=said):
        opened(change(sealed(b"x" * 200)))  # type: ignore[operator]


def test_another_key_is_told_apart_from_damage() -> None:
    with pytest.raises(SealedFileError, match="another master key"):
        opened(sealed(b"x"), OTHER)
