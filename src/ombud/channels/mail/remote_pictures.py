"""Pictures that a mail points to elsewhere: fetched by the program, so that their server learns nothing of the reader.

It learns that somebody looks at the mail, when, and the installation's own number; no cookie, no referring page and no
browser of the reader's goes along.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow

from ombud.channels.mail.pictures import data_url
from ombud.privacy import outgoing

MOST = 40  # of one mail
LARGEST = 2 * 1024 * 1024  # bytes of one
PATIENCE = 5.0  # seconds for one
TOGETHER = 10.0  # seconds for all: somebody waits
AT_ONCE = 8


def fetched(addresses: Iterable[str]) -> dict[str, str]:
    """Return {address: the picture as a data URL} of those that are pictures and came in time."""
    wanted = list(dict.fromkeys(addresses))[:MOST]
    pool = ThreadPoolExecutor(AT_ONCE)
    found: dict[str, str] = {}
    try:
        for address, picture in zip(wanted, pool.map(_fetch, wanted, timeout=TOGETHER), strict=True):
            if picture:
                found[address] = picture
    except TooSlow:
        pass  # what came until then is shown
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return found


def secure(address: str) -> str:
    """Return the address with TLS: without, anybody on the way would read along, and the program calls no other."""
    return "https:" + address[address.index("//") :]


def _fetch(address: str) -> str:
    try:
        answer = outgoing.get(secure(address), patience=PATIENCE, most=LARGEST + 1)
    except (outgoing.NotAllowed, outgoing.NoAnswer):
        return ""
    return data_url(answer.body) if answer.status == 200 and len(answer.body) <= LARGEST else ""
