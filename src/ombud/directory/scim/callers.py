"""Which directory calls: by a token of its own that is good for nothing else, not more often than is sensible."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest

from ombud.channels.caller import address_of, network
from ombud.directory import keeping
from ombud.directory.models import Directory, ScimToken
from ombud.directory.scim.errors import ScimError
from ombud.privacy import throttle

MINUTE = timedelta(minutes=1)
MOST_CALLS = 1800  # a minute by one token: Entra ID wants to call 25 times a second
MOST_WRONG = 60  # calls a minute from one place with a token that is none
SEEN = timedelta(minutes=1)  # how exactly the last use is kept


class TooOften(ScimError):
    """The directory calls too often; `wait` says for how many seconds it is to rest."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(429, "Too many calls. Wait a moment.")
        self.wait = max(1, int(wait.total_seconds()) + 1)


def directory_of(request: HttpRequest, *, now: datetime) -> Directory:
    """Return the directory that calls. Raises ScimError."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    row = _row(token.strip(), now) if scheme.lower() == "bearer" else None
    if row is None:
        _count(f"scim-wrong:{network(address_of(request))}", MOST_WRONG, now)
        raise ScimError(401, "The token is missing or good for nothing.")
    _count(f"scim:{row.pk}", MOST_CALLS, now)
    if row.last_used_at is None or row.last_used_at <= now - SEEN:
        ScimToken.objects.filter(pk=row.pk).update(last_used_at=now)
        Directory.objects.filter(pk=row.directory_id).update(seen_at=now)
    return row.directory


def _row(token: str, now: datetime) -> ScimToken | None:
    if not token.startswith(keeping.TOKEN) or not token.isascii():
        return None
    rows = ScimToken.objects.select_related("directory").filter(revoked_at=None, directory__is_on=True)
    row = rows.filter(digest=keeping.fingerprint(token), directory__kind=Directory.Kind.SCIM).first()
    return row if row is not None and (row.expires_at is None or row.expires_at > now) else None


def _count(key: str, limit: int, now: datetime) -> None:
    if not throttle.attempt(key, limit=limit, window=MINUTE, now=now):
        raise TooOften(throttle.wait(key, window=MINUTE, now=now))
