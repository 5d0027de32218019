"""A mail as its sender formatted it: its sanitised page, with the pictures that came along put into it."""

from __future__ import annotations

from ombud.channels.mail import pictures, remote_pictures
from ombud.channels.mail.reading import read
from ombud.correspondence import taking_in, wording
from ombud.correspondence.models import Message


class NotFormatted(Exception):
    """A message has no page of its own, or has it no more."""


def page_of(message: Message) -> str:
    """Return the page of a mail, sanitised when it came in. Raises NotFormatted."""
    page = str(wording.part(message, wording.HTML))
    if not page:
        raise NotFormatted
    return page


def has_remote(page: str) -> bool:
    """Return whether a page points to pictures elsewhere."""
    return bool(pictures.remote_of(page))


def with_pictures(message: Message, page: str, *, fetches: bool) -> str:
    """Return a mail's page with its own pictures, and where it `fetches` with those from elsewhere."""
    enclosed = _enclosed(message) if "cid:" in page.lower() else {}
    remote = remote_pictures.fetched(pictures.remote_of(page)) if fetches else {}
    return pictures.filled(page, enclosed=enclosed, remote=remote)


def _enclosed(message: Message) -> dict[str, str]:
    """Return the pictures that came along as data URLs, by content id."""
    try:
        files = read(taking_in.original_of(message)).files
    except FileNotFoundError:
        return {}
    return {each.content_id: pictures.data_url(each.content) for each in files if each.content_id}
