"""The files of a message: of one that came in out of its original, of one that goes out those that were enclosed."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import FileResponse, Http404

from ombud.cases.errors import AttachmentRefused
from ombud.cases.file_kinds import SNIFFED, file_name, sniff
from ombud.channels.filing import Sent
from ombud.channels.mail.reading import read
from ombud.correspondence import enclosures, originals, struck, taking_in, talks, wording
from ombud.correspondence.models import Message
from ombud.interface.downloads import made
from ombud.privacy.keys import key_of

OCTETS = "application/octet-stream"  # what the register would not take in is no type of its own


def files_of(message: Message) -> Sequence[Sent]:
    """Return the files of a message, in order; none where none were kept or it was erased."""
    key = key_of(message.keeper)
    if key is None or not message.stored_as:
        return ()
    if message.is_out or message.way in talks.WAYS:
        known = wording.part(message, wording.FILES) or ()
        return [Sent(each.name, each.content) for each in enclosures.enclosed(message, key, known)]
    if message.way == Message.Way.CALL:  # the original is its recording
        name = next((str(each["name"]) for each in wording.part(message, wording.FILES) or ()), "")
        return [Sent(name, originals.content(message, key))]
    if message.way != Message.Way.MAIL:
        return ()
    return [Sent(each.name, each.content) for each in read(taking_in.original_of(message)).files]


def as_it_came(message: Message) -> FileResponse:
    """Return a message as it came, as an attachment, without what opens its complaint; 404 where nothing is kept."""
    try:
        content = taking_in.original_of(message)
    except FileNotFoundError as error:
        raise Http404 from error
    if message.way not in talks.WAYS:
        return made(struck.without_token(content), f"{message.pk}.eml", "message/rfc822")
    return made(struck.without_token(enclosures.as_it_came(content)), f"{message.pk}.txt", "text/plain")


def handed_out(message: Message, number: int) -> FileResponse:
    """Return a file of a message, by its place, as an attachment named by what it is; 404 where there is none."""
    files = files_of(message)
    if number >= len(files):
        raise Http404
    sent = files[number]
    try:
        media_type = sniff(sent.content[:SNIFFED])
    except AttachmentRefused:
        media_type = OCTETS
    return made(sent.content, file_name(sent.name, media_type) or str(number), media_type)
