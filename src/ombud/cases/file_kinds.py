"""What kinds of files are taken in, how each is told, and the name that a file of a kind may bear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import filetype  # type: ignore[import-untyped]  # it carries no types

from ombud.cases.errors import AttachmentRefused
from ombud.policy.plain_text import plain

SNIFFED = 8192  # bytes that tell the type
_PROJECT = b"vbaProject.bin"  # the part of an Office file that holds its macros
OVERLAP = len(_PROJECT) - 1  # bytes that two pieces of a file must share for it not to be cut in two
_LONGEST = 180  # bytes of a name before its ending: file systems take 255


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: the most of it in MB, how its name may end, the usual ending first."""

    limit: int
    endings: tuple[str, ...]
    may_hold_macros: bool = False


#: What is taken in, by its first bytes (never by name or what the sender says).
KINDS: Mapping[str, Kind] = {
    "image/jpeg": Kind(30, ("jpg", "jpeg", "jfif")),
    "image/png": Kind(30, ("png",)),
    "image/gif": Kind(30, ("gif",)),
    "image/webp": Kind(30, ("webp",)),
    "image/heic": Kind(30, ("heic", "heif")),
    "image/avif": Kind(30, ("avif",)),
    "video/mp4": Kind(500, ("mp4",)),
    "video/quicktime": Kind(500, ("mov", "qt")),
    "video/webm": Kind(500, ("webm",)),
    "video/x-m4v": Kind(500, ("m4v",)),
    "video/3gpp": Kind(500, ("3gp", "3gpp")),
    "video/x-msvideo": Kind(500, ("avi",)),
    "video/mpeg": Kind(500, ("mpg", "mpeg")),
    "audio/mpeg": Kind(100, ("mp3",)),
    "audio/mp4": Kind(100, ("m4a",)),
    "audio/x-m4a": Kind(100, ("m4a",)),
    "audio/ogg": Kind(100, ("ogg", "oga", "opus")),
    "audio/x-wav": Kind(100, ("wav",)),
    "audio/amr": Kind(100, ("amr",)),
    "audio/aac": Kind(100, ("aac",)),
    "application/pdf": Kind(50, ("pdf",)),
    "application/msword": Kind(50, ("doc",), may_hold_macros=True),
    "application/vnd.ms-excel": Kind(50, ("xls",), may_hold_macros=True),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind(50, ("docx",)),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Kind(50, ("xlsx",)),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": Kind(50, ("pptx",)),
    "application/vnd.ms-word.document.macroenabled.12": Kind(50, ("docm",), may_hold_macros=True),
    "application/vnd.ms-excel.sheet.macroenabled.12": Kind(50, ("xlsm",), may_hold_macros=True),
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": Kind(50, ("pptm",), may_hold_macros=True),
    "text/plain": Kind(5, ("txt",)),
}
#: The kind of an Office file that turns out to hold macros.
_WITH_MACROS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        "application/vnd.ms-word.document.macroenabled.12"
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (
        "application/vnd.ms-excel.sheet.macroenabled.12"
    ),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (
        "application/vnd.ms-powerpoint.presentation.macroenabled.12"
    ),
}
#: What holds other files, by the names that sniffing gives it.
ARCHIVES = frozenset(
    f"application/{name}"
    for name in ("zip", "x-tar", "x-rar-compressed", "gzip", "x-bzip2", "x-7z-compressed", "x-xz", "zstd", "x-lzip")
)
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')  # on some system or other
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?=\.|$)", re.IGNORECASE
)


def sniff(head: bytes) -> str:
    """Return the type that the first bytes show. Raises AttachmentRefused for one that is not taken in."""
    guessed = filetype.guess_mime(head)
    if guessed in KINDS:
        return str(guessed)
    if guessed is None and _is_text(head):
        return "text/plain"
    raise AttachmentRefused("archive" if guessed in ARCHIVES else "type", found=guessed or "")


def sniffed_further(media_type: str, piece: bytes) -> str:
    """Return the type of a file after one more piece of it: with macros it is another than without."""
    return _WITH_MACROS[media_type] if media_type in _WITH_MACROS and _PROJECT in piece else media_type


def may_hold_macros(media_type: str) -> bool:
    """Return whether opening such a file may run what its sender wrote."""
    kind = KINDS.get(media_type)
    return kind is not None and kind.may_hold_macros


def file_name(name: str, media_type: str) -> str:
    """Return the name under which a file of this type is shown and handed out; empty where `name` is.

    It ends as the type says, whatever the sender called it, and holds nothing that a system takes for something
    else: folders, devices, what is not seen, what turns the reading about.
    """
    name = plain(name).replace("\\", "/").rpartition("/")[2]
    name = "".join(each for each in name if unicodedata.category(each) not in ("Cc", "Cf", "Zl", "Zp"))
    name = _NOT_IN_NAMES.sub("_", name).strip(" .")
    if not name:
        return ""
    kind = KINDS.get(media_type)
    endings = kind.endings if kind else ("bin",)
    stem, dot, ending = name.rpartition(".")
    if not (dot and stem and ending.lower() in endings):
        stem, ending = name, endings[0]
    stem = stem.encode()[:_LONGEST].decode(errors="ignore").rstrip(" .") or "file"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending}"


def _is_text(head: bytes) -> bool:
    """Return whether the bytes read as text that no browser takes for a page or script when shown as plain text."""
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:  # the last character may be cut in two
                continue
            text = head[: error.start].decode(encoding)
        return all(letter.isprintable() or letter in "\r\n\t\ufeff" for letter in text)
    return False
