"""Who is calling: the person behind a bearer token, or anybody with a public intake key."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyHeader, HttpBearer

from ombud.api.keys import INTAKE, fingerprint
from ombud.api.models import ApiToken, IntakeKey
from ombud.cases.access.case_access import READ as READING
from ombud.cases.access.case_access import Accessed, access_case
from ombud.cases.errors import NoSuchCase, Throttled
from ombud.channels import intake_limits
from ombud.channels.caller import address_of
from ombud.organisation import round_trips
from ombud.organisation.models import Person
from ombud.privacy import throttle

SEEN = timedelta(minutes=1)  # how exactly `last_used_at` is kept: a write at every call would cost more than it tells
HOUR = timedelta(hours=1)


class ScopeMissing(Exception):
    """The token was not given for this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Whoever calls; exactly one of `person` and `intake` is there."""

    key: str  # whose idempotency keys these are
    owner: str  # whose uploads these are
    person: Person | None = None
    intake: IntakeKey | None = None
    address: str = ""
    policy: str = ""  # the only one that the token was given for; empty: all

    def case(self, reference: str, action: str = READING) -> Accessed:
        """Return a case of the person's, under a policy of the token's. Raises as `access_case` does."""
        assert self.person is not None, "intake keys open no other door than the one for complaints"
        found = access_case(self.person, reference, action)
        if self.policy and found.case.policy != self.policy:
            raise NoSuchCase
        return found

    def only(self, policy: str | None) -> str | None:
        """Return the policy that is asked for, or the token's own where it has one. Raises ScopeMissing for another."""
        if self.policy and policy not in (None, self.policy):
            raise ScopeMissing(policy)
        return self.policy or policy

    def count(self, *, now: datetime) -> None:
        """Count one call of an intake key. Raises Throttled beyond its limits; tokens have none."""
        if self.intake is None:
            return
        intake_limits.need_room()
        limits = {self.key: self.intake.per_address, f"intake:{self.intake.pk}": self.intake.per_hour}
        for key, limit in limits.items():
            if not throttle.attempt(key, limit=limit, window=HOUR, now=now):
                raise Throttled(throttle.wait(key, window=HOUR, now=now))


class Call(HttpRequest):
    """A request that was let in."""

    auth: Caller


class Token(HttpBearer):
    """A person's token: `Authorization: Bearer ...`."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the caller; the one header is read, where the base has all of them put together first."""
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return self.authenticate(request, token) if scheme.lower() == self.openapi_scheme else None

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Return the caller, or None where the token is worth nothing. Raises ScopeMissing."""
        now = timezone.now()
        found = _look_up(token, now)
        if found is None:
            return None
        pk, scopes, policy, is_fresh, person = found
        if self.scope not in scopes:
            raise ScopeMissing(self.scope)
        if not is_fresh:
            with transaction.atomic():  # which takes turns with other writers
                ApiToken.objects.filter(pk=pk).update(last_used_at=now)
        _use_zone(person)
        return Caller(key=f"token:{pk}", owner=f"api:{person.key}", person=person, policy=policy)


class PublicKey(APIKeyHeader):
    """A public intake key: `X-Intake-Key: ...`."""

    param_name = "X-Intake-Key"
    scope = INTAKE

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        """Return the caller, or None where there is no such key."""
        if not key or "\0" in key:
            return None
        row = IntakeKey.objects.filter(key=key, revoked_at=None).first()
        if row is None:
            return None
        owner = f"intake:{row.pk}"
        address = address_of(request)
        # The key stands in a public page: whoever reads it there must neither use up nor read other people's answers.
        return Caller(key=f"{owner}:{intake_limits.place_of(address)}", owner=owner, intake=row, address=address)


def _use_zone(person: Person) -> None:
    """Tell times in the person's zone; the middleware that set the default one takes this back."""
    try:
        timezone.activate(ZoneInfo(person.tz or settings.TIME_ZONE))
    except (KeyError, ValueError, OSError):  # no such zone
        timezone.deactivate()


# Every call asks this first, so it is written out: building it anew each time costs more than running it.
_TOKEN = """
SELECT t.id, t.scopes, t.policy, t.last_used_at IS NOT NULL AND t.last_used_at > %s,
       p.id, p.username, p.is_active, p.tz, p.is_demo
FROM api_apitoken t JOIN organisation_person p ON p.id = t.person_id
WHERE t.digest = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s)
"""
# In the order of the model, as from_db wants them; the rest is read when somebody asks for it.
_PERSON = ["id", "username", "is_active", "tz", "is_demo"]


def _look_up(token: str, now: datetime) -> tuple[int, list[str], str, bool, Person] | None:
    """Return (number, scopes, policy, whether it was used within a minute, person) of a token that is good."""
    adapt = connection.ops.adapt_datetimefield_value
    with round_trips.cursor() as asked:
        asked.execute(_TOKEN, [adapt(now - SEEN), fingerprint(token), adapt(now)])
        row = asked.fetchone()
    if row is None:
        return None
    pk, scopes, policy, is_fresh, *values = row
    person: Person = Person.from_db(connection.alias, _PERSON, values)
    if not person.is_active or (person.is_demo and not settings.OMBUD_DEMO):
        return None
    return pk, json.loads(scopes) if isinstance(scopes, str) else scopes, policy, bool(is_fresh), person
