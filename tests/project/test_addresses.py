"""Every address of the installation, asked by somebody who may see nothing."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from builders import make_case
from ombud.clock import pulse
from ombud.organisation.models import Person

# What anybody may ask for, each with the reason.
OPEN = {
    "healthz": "says only that the process lives",
    "readyz": "says only that it is ready",
    "robots_txt": "what search engines may read",
    "favicon": "leads to a picture",
    "sign_in": "the door itself",
    "sign_in_passkey": "hands out a question that only a passkey answers",
    "password_forgotten": "says the same to everybody, whoever has an account",
    "password_choose": "opens for the link of a mail alone",
    "set_language": "changes a cookie of the caller's own",
    "api:openapi-json": "describes the API, holds no data",
    "portal:start": "for everybody",
    "portal:policy": "for everybody",
    "portal:colour": "a style sheet",
    "portal:begin": "for everybody",
    "portal:step": "leads to the caller's own draft",
    "portal:check": "leads to the caller's own draft",
    "portal:send": "files the caller's own draft",
    "portal:upload_begin": "for everybody, throttled",
    "portal:find": "asks for the secret",
    "portal:lost": "takes down who asks for a code, and says nothing of any case",
    "portal:asked": "says the same to everybody",
    "portal:verified": "says only whether a mark is ours",
    "portal:leave": "forgets a cookie of the caller's own",
}
HIDDEN = {302, 401, 403, 404, 405}


def addresses(patterns: list, prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, str, URLPattern]]:
    """Yield (name, route, pattern) of every address below `patterns`."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from addresses(pattern.url_patterns, route, inner)
        else:
            yield ":".join((*spaces, pattern.name or route)), route, pattern


def filled(pattern: URLPattern, route: str, reference: str) -> str:
    """Return an address with its holes filled by what exists, so that only access stands in the way."""
    known = {"reference": reference, "policy": "customer-complaints", "pk": str(Person.objects.first().pk)}
    stand_in = {"IntConverter": "1", "UUIDConverter": str(UUID(int=1))}
    for part in route.split("/"):
        if part.startswith("<"):
            _kind, _, name = part.strip("<>").rpartition(":")
            converter = type(pattern.pattern.converters.get(name)).__name__
            value = known.get(name) or stand_in.get(converter, "x")
            route = route.replace(part, value)
    return "/" + route


def everything() -> list[tuple[str, str, URLPattern]]:
    return list(addresses(get_resolver().url_patterns))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_outsider_gets_nothing(cast, method):
    reference = make_case().case.reference
    shown = []
    for name, route, pattern in everything():
        if name in OPEN:
            continue
        answer = getattr(Client(), method)(filled(pattern, route, reference))
        if answer.status_code not in HIDDEN:
            shown.append((name, route, answer.status_code))
        elif answer.status_code == 302:
            assert answer["Location"].startswith("/"), (name, answer["Location"])
    assert shown == []


@pytest.mark.django_db
def test_somebody_signed_in_without_any_role_sees_no_case(cast):
    reference = make_case().case.reference
    client = Client()
    client.force_login(cast.nobody)
    shown = []
    for name, route, pattern in everything():
        if name not in OPEN and "reference>" in route:
            answer = client.get(filled(pattern, route, reference))
            if answer.status_code not in HIDDEN:
                shown.append((name, answer.status_code))
    assert shown == []


@pytest.mark.django_db
def test_every_page_forbids_scripts_from_elsewhere(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy


@pytest.mark.django_db
def test_an_overlong_request_is_refused_before_it_is_read(client, settings):
    answer = client.post("/files/parts/", data=b"x", content_type="text/plain", CONTENT_LENGTH=str(10**12))
    assert answer.status_code == 413


@pytest.mark.django_db
def test_readyz_tells_a_clock_that_is_behind_from_one_that_is_dead(client, cast, settings):
    make_case()  # in March: its wake-ups are long past
    now = timezone.now()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations_missing"] == 0
    assert (answer.json()["clock"], answer.json()["clock_seen"]) == ("dead", None)
    pulse.beat(now)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert (answer.json()["clock"], answer.json()["clock_behind"]) == ("behind", 1)
    assert answer.json()["clock_lag"] > settings.OMBUD_CLOCK_LAG
    pulse.beat(now - timedelta(seconds=pulse.DEAD + 2))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["clock"], answer.json()["clock_behind"]) == ("dead", 1)
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_readyz_is_content_where_nothing_is_due(client):
    pulse.beat(timezone.now())
    assert client.get("/readyz").json()["clock"] == "on time"
    assert client.get("/readyz").json()["ready"] is True


@pytest.mark.django_db
def test_the_language_can_be_switched_and_stays(client):
    assert 'lang="zh-hans"' in client.get("/").content.decode()
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get("/").content.decode()
    assert 'lang="en"' in page
    assert Person.objects.count() == 0
