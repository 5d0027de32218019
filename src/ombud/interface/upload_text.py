"""Why a file is not taken in, in the words of whoever sent it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ombud.cases.errors import AttachmentRefused

#: What programs pack their files as: to whoever sends one, it is no archive.
PACKED = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".pages", ".numbers", ".key")


def upload_text(error: AttachmentRefused, name: str = "") -> str:
    """Return why the file is not taken in and what to do; without a name it is "the file"."""
    file = _("“{name}”").format(name=name) if name else _("The file")
    match error.code:
        case "empty":
            return _("{file} is empty. Choose it again.").format(file=file)
        case "too-big":
            words = _("{file} is larger than {limit} MB. Send a shorter or smaller one.")
            return words.format(file=file, limit=error.params.get("limit", ""))
        case "archive" if name.lower().endswith(PACKED):
            words = _(
                "{file} is damaged, or not what its name says. Open it in the program that made it, save it anew, "
                "and send that."
            )
            return words.format(file=file)
        case "archive":
            return _("{file} is an archive. Unpack it and send what is in it.").format(file=file)
        case "type":
            words = _(
                "{file} is of a kind that is not taken in. Send pictures, video, sound, PDF, Office or text files."
            )
            return words.format(file=file)
        case "crumbs":
            words = _("{file} came in too many pieces: the line breaks too often. Try again on another one.")
            return words.format(file=file)
        case "too-many":
            return _("Too many files in a short time. Try again in {time}.").format(time=error.params.get("time", ""))
        case "infected":
            return _("A virus was found in {file}. It is kept apart and nobody can open it.").format(file=file)
        case "unscanned":
            return _("{file} is still being scanned for viruses. Try again in a minute.").format(file=file)
    return _("{file} could not be kept. Add it again, please.").format(file=file)
