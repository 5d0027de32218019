"""Guessing passwords: who guesses is locked out, and not whom they guess at.

From one address a name can be tried ten times in a quarter of an hour, and many names 300 times: a whole company may
share one. A name tried from everywhere is looked at ever more slowly, at least once a minute. A browser that the person
signed in with before is counted by itself, so that whatever others do does not keep its owner out. Every step of
signing in is counted so, each apart: a right password forgets no wrong code.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from ombud.channels.caller import address_of, network
from ombud.privacy import throttle

PER_NAME, PER_ADDRESS, WINDOW = 10, 300, timedelta(minutes=15)
SLOWEST = 60  # seconds between two looks at a name that everybody tries
COOKIE, _SALT, _AGE = "ombud_known", "ombud.sign-in.known", 180 * 24 * 3600


def wait_for(request: HttpRequest, name: str, *, now: datetime, step: str = "sign-in") -> timedelta | None:
    """Count an attempt, and return how long to wait where it must not be looked at; None where it may be."""
    who, place = _mark("sign-in", name.lower()), _mark("sign-in-from", network(address_of(request)))
    if (browser := _known(request, who)) is not None:
        return _wait(f"{step}-known:{browser}", PER_NAME, now)
    for key, limit in ((f"{step}-from:{place}", PER_ADDRESS), (_own(step, who, place), PER_NAME)):
        if (wait := _wait(key, limit, now)) is not None:
            return wait
    everywhere = f"{step}:{who}"
    over = throttle.tried(everywhere, window=WINDOW, now=now) - PER_NAME
    if over >= 0:
        pause = timedelta(seconds=min(2 ** min(over, 10), SLOWEST))
        gate = f"{step}-next:{who}"
        if not throttle.attempt(gate, limit=1, window=pause, now=now):
            return max(throttle.wait(gate, window=pause, now=now), timedelta(seconds=1))
    throttle.attempt(everywhere, limit=PER_NAME, window=WINDOW, now=now)
    return None


def succeeded(request: HttpRequest, name: str, *, step: str = "sign-in") -> None:
    """Forget the tries at the name, but those of other addresses, each of which has its own."""
    who, place = _mark("sign-in", name.lower()), _mark("sign-in-from", network(address_of(request)))
    throttle.forget(_own(step, who, place))
    throttle.forget(f"{step}:{who}")
    if (browser := _known(request, who)) is not None:
        throttle.forget(f"{step}-known:{browser}")


def know(response: HttpResponse, name: str, *, is_secure: bool) -> None:
    """Let the browser show next time that the person signed in with it."""
    token = signing.dumps(_mark("sign-in", name.lower()), salt=_SALT)
    response.set_cookie(
        COOKIE, token, max_age=_AGE, path="/desk/sign-in/", secure=is_secure, httponly=True, samesite="Lax"
    )


def _known(request: HttpRequest, who: str) -> str | None:
    """Return a mark of the browser where this person signed in with it before."""
    token = request.COOKIES.get(COOKIE, "")
    try:
        return _mark("sign-in-known", token) if signing.loads(token, salt=_SALT, max_age=_AGE) == who else None
    except signing.BadSignature:
        return None


def _own(step: str, who: str, place: str) -> str:
    return f"{step}-own:{_mark('sign-in-own', who + place)}"


def _wait(key: str, limit: int, now: datetime) -> timedelta | None:
    if throttle.attempt(key, limit=limit, window=WINDOW, now=now):
        return None
    return throttle.wait(key, window=WINDOW, now=now)


def _mark(salt: str, text: str) -> str:
    return salted_hmac(salt, text).hexdigest()
