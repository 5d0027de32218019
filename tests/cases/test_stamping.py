"""An authority outside stamps the newest daily root; whatever it answers wrong is named, and asked again later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import after, make_case
from cast import Cast
from ombud.cases.keeping import daily_roots, stamping
from ombud.cases.models import DailyRoot, RootStamp
from stamp_authority import StampAuthority

pytestmark = pytest.mark.django_db
NOW = after(400)


@pytest.fixture
def authority(cast: Cast, settings: Any, tmp_path: Path) -> Iterator[StampAuthority]:
    """An authority that the settings name, and a root that waits for its stamp."""
    with StampAuthority(NOW) as authority:
        (tmp_path / "ca.pem").write_bytes(authority.pem)
        settings.OMBUD_TIMESTAMP_URL = authority.url
        settings.OMBUD_TIMESTAMP_CA = str(tmp_path / "ca.pem")
        settings.OMBUD_OUTGOING_ALLOWED = [authority.url.removesuffix("/tsa")]
        make_case()
        daily_roots.make_root(now=NOW)
        yield authority


def test_the_newest_root_is_stamped_once(authority: StampAuthority) -> None:
    assert stamping.stamp_waiting(now=NOW) == 1
    row = RootStamp.objects.get()
    assert (row.root, row.stamped_at, row.is_trusted, row.failure) == (DailyRoot.objects.get(), NOW, True, "")
    assert stamping.stamp_waiting(now=NOW + timedelta(days=1)) == 0
    make_case(minutes=500)
    daily_roots.make_root(now=NOW + timedelta(days=1))
    authority.now = NOW + timedelta(days=1)
    assert stamping.stamp_waiting(now=NOW + timedelta(days=1)) == 1
    assert (RootStamp.objects.count(), authority.calls) == (2, 2)


def test_without_certificates_the_signature_is_said_not_to_be_checked(authority: StampAuthority, settings: Any) -> None:
    settings.OMBUD_TIMESTAMP_CA = ""
    assert stamping.stamp_waiting(now=NOW) == 1
    assert RootStamp.objects.get().is_trusted is False


def wrong_imprint(authority: StampAuthority, settings: Any) -> None:
    authority.imprint = b"\1" * 32


def wrong_nonce(authority: StampAuthority, settings: Any) -> None:
    authority.nonce = 4711


def wrong_time(authority: StampAuthority, settings: Any) -> None:
    authority.now = NOW - timedelta(hours=1)


def refusing(authority: StampAuthority, settings: Any) -> None:
    authority.is_refusing = True


def failing(authority: StampAuthority, settings: Any) -> None:
    authority.code = 503


def talking(authority: StampAuthority, settings: Any) -> None:
    authority.answer = b"<html>no stamp today</html>"


def endless(authority: StampAuthority, settings: Any) -> None:
    authority.answer = b"0" * (stamping.LARGEST + 1)


def hanging(authority: StampAuthority, settings: Any) -> None:
    authority.silence.clear()


def somebody_elses(authority: StampAuthority, settings: Any) -> None:
    Path(settings.OMBUD_TIMESTAMP_CA).write_bytes(StampAuthority(NOW).pem)


def without_certificates(authority: StampAuthority, settings: Any) -> None:
    Path(settings.OMBUD_TIMESTAMP_CA).write_bytes(b"nothing")


def inside_our_network(authority: StampAuthority, settings: Any) -> None:
    settings.OMBUD_OUTGOING_ALLOWED = []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (wrong_imprint, "imprint"),
        (wrong_nonce, "nonce"),
        (wrong_time, "time"),
        (refusing, "refused"),
        (failing, "refused"),
        (talking, "garbled"),
        (endless, "refused"),
        (hanging, "silent"),
        (somebody_elses, "signature"),
        (without_certificates, "authorities"),
        (inside_our_network, "address"),
    ],
)
def test_what_is_no_stamp_of_ours_is_named_and_asked_for_again(
    authority: StampAuthority, settings: Any, monkeypatch: pytest.MonkeyPatch, wrong: Any, code: str
) -> None:
    monkeypatch.setattr(stamping, "PATIENCE", 0.3 if wrong is hanging else stamping.PATIENCE)
    wrong(authority, settings)
    assert stamping.stamp_waiting(now=NOW) == 0
    row = RootStamp.objects.get()
    assert (row.failure, row.answer, row.stamped_at, row.attempts) == (code, None, None, 1)
    calls = authority.calls
    assert stamping.stamp_waiting(now=NOW + timedelta(minutes=9)) == 0  # it is let be for a while
    assert authority.calls == calls
    assert stamping.stamp_waiting(now=NOW + timedelta(minutes=11)) == 0
    assert RootStamp.objects.get().attempts == 2


def test_nobody_is_asked_where_the_settings_name_nobody(authority: StampAuthority, settings: Any) -> None:
    settings.OMBUD_TIMESTAMP_URL = ""
    assert stamping.stamp_waiting(now=NOW) == 0
    assert not RootStamp.objects.exists()
