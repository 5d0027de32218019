"""What the company says of itself: how its channels are reached, its name, pictures, privacy notice; who changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models.functions import Length

from ombud.organisation import changes
from ombud.organisation.models import House, NoticeVersion, Person, Reach
from ombud.policy.model.people import Channel
from ombud.policy.plain_text import plain
from ombud.texts import Text

PICTURES = {"logo", "seal"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What every page of complainants shows of the company."""

    names: Text
    colour: str  # empty: the usual one
    has_logo: bool
    has_notice: bool


class LinkError(ValueError):
    """A link leads to no page; the words are the channel."""


def of_policy(policy: str) -> Mapping[str, Reach]:
    """Return {channel: how it is reached here} of a policy."""
    return {row.channel: row for row in Reach.objects.filter(policy=policy)}


def said(channel: Channel, known: Mapping[str, Reach]) -> str:
    """Return how a channel is reached, in the company's words, else in the policy's; empty where neither says it."""
    row = known.get(channel.id)
    return row.text if row is not None and row.text else channel.reach


@transaction.atomic
def keep(policy: str, given: Mapping[str, tuple[str, str]], *, by: Person, now: datetime) -> list[Reach]:
    """Keep (words, link) of channels and return the rows that this changed. Raises LinkError."""
    known, changed = of_policy(policy), []
    for channel, (text, link) in given.items():
        text, link = plain(text, lines=True), plain(link)
        if link and not _is_link(link):
            raise LinkError(channel)
        row = known.get(channel) or Reach(policy=policy, channel=channel)
        if (row.text, row.link) != (text, link):
            row.text, row.link = text, link
            row.save()
            changed.append(row)
    changes.note(changed, by=by, now=now)
    return changed


def house() -> House:
    """Return who the company is, its pictures not read; without a word where nobody said so."""
    return House.objects.defer(*PICTURES).first() or House()


def notice_hash(notice: Text) -> str:
    """Return the SHA-256 of a privacy notice in all its languages; empty where there is none."""
    if not notice:
        return ""
    return hashlib.sha256(json.dumps(notice, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def keep_notice(notice: Text, *, now: datetime) -> NoticeVersion:
    """Keep a notice as it is, once, and return the row."""
    row, _is_new = NoticeVersion.objects.get_or_create(
        hash=notice_hash(notice), defaults={"texts": dict(notice), "kept_at": now}
    )
    return row


def shown() -> Shown:
    """Return what every page of complainants shows of the company."""
    rows = House.objects.annotate(logo_bytes=Length("logo")).values_list("names", "colour", "logo_bytes", "notice")
    names, colour, size, notice = rows.first() or ({}, "", 0, {})
    return Shown(names=names, colour=colour, has_logo=bool(size), has_notice=bool(notice))


@transaction.atomic
def keep_house(
    names: Text,
    addresses: Text,
    notice: Text,
    *,
    pictures: Mapping[str, bytes],
    colour: str | None = None,
    by: Person,
    now: datetime,
) -> bool:
    """Keep who the company is, by language, and return whether that is news.

    `pictures` holds a new logo or seal, empty where there is to be none; one that is not named stays, as `colour` does.
    """
    row = House.objects.first() or House()
    before = changes.content(row)
    row.names = {tag: said for tag, text in names.items() if (said := plain(text))}
    row.addresses = {tag: said for tag, text in addresses.items() if (said := plain(text, lines=True))}
    row.notice = {tag: said for tag, text in notice.items() if (said := plain(text, lines=True))}
    for name in PICTURES & pictures.keys():
        setattr(row, name, pictures[name])
    row.colour = row.colour if colour is None else colour
    if changes.content(row) == before:
        return False
    row.save()
    changes.note([row], by=by, now=now)
    return True


def _is_link(link: str) -> bool:
    """Return whether a link leads to a page or an account, and runs nothing."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("https", "http", "weixin", "tel", "mailto") and bool(parts.netloc or parts.path)
