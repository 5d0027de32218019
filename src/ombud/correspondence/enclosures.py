"""Files that go out with a message, or were fetched for one: kept as one archive, sealed as its original."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from django.db import transaction

from ombud.correspondence import originals, wording
from ombud.correspondence.carriers import Enclosure
from ombud.correspondence.models import Message
from ombud.privacy.keys import key_of

AS_IT_CAME = "message"  # what stands in the archive beside the files of a message that came in
_ARCHIVE = b"PK\x03\x04"  # no call of a provider begins so
MOST_BYTES = 15 * 1024 * 1024  # together: as mail they grow by a third, and many servers take 25 MB


class TooLarge(Exception):
    """The files together are larger than mail servers take."""


def enclose(message: Message, key: bytes, files: Sequence[Enclosure]) -> list[dict[str, Any]]:
    """Keep the files of a message that goes out, and return what is said of them. Raises TooLarge."""
    if sum(len(each.content) for each in files) > MOST_BYTES:
        raise TooLarge
    originals.store(message, key, _archive({str(number): each.content for number, each in enumerate(files)}))
    return _known(files)


def add(message: Message, files: Sequence[Enclosure], lost: Sequence[str]) -> None:
    """Keep the files of a message that came in beside how it came, and the names of those that could not be had."""
    key, before = key_of(message.keeper), message.stored_as
    assert key is not None, "it is not erased before it is sorted"
    came = originals.content(message, key)
    details = dict(wording.part(message, wording.DETAILS) or {})
    details.pop("media", None)
    wording.seal(message, key, {wording.FILES: _known(files), wording.DETAILS: {**details, "lost": list(lost)}})
    contents = {str(number): each.content for number, each in enumerate(files)}
    originals.store(message, key, _archive({**contents, AS_IT_CAME: came}))
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(sealed=message.sealed, stored_as=message.stored_as)
        # Only once it stands: whoever undoes this needs what was kept before.
        transaction.on_commit(partial(originals.remove, before))


def as_it_came(kept: bytes) -> bytes:
    """Return what a provider sent, out of what is kept of a message: alone, or beside its files."""
    if not kept.startswith(_ARCHIVE):
        return kept
    with zipfile.ZipFile(BytesIO(kept)) as archive:
        return archive.read(AS_IT_CAME)


def _archive(contents: Mapping[str, bytes]) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for name, content in contents.items():
            out.writestr(name, content)
    return archive.getvalue()


def _known(files: Sequence[Enclosure]) -> list[dict[str, Any]]:
    return [{"name": each.name, "size": len(each.content), "type": each.media_type} for each in files]


def enclosed(message: Message, key: bytes, known: Sequence[dict[str, Any]]) -> list[Enclosure]:
    """Return the files that go out with a message; `known` is what is said of them."""
    if not known:
        return []
    with zipfile.ZipFile(BytesIO(originals.content(message, key))) as archive:
        return [
            Enclosure(name=str(each["name"]), content=archive.read(str(number)), media_type=str(each["type"]))
            for number, each in enumerate(known)
        ]
