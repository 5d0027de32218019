"""Keys and backups: how both stand, for whoever oversees, and no key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from builders import make_case
from cast import Cast
from ombud.cases.keeping import backups_made
from ombud.privacy import blind
from ombud.privacy.master_keys import Keys
from ombud.privacy.models import KeyRotation
from ombud.project import doctor, rotation

OLD, NEW = "5e" * 32, "2:" + "6f" * 32
PAGE = "/desk/keys/"


def found() -> dict[str, str]:
    return {each.what: each.state for each in doctor.findings()}


def test_it_shows_how_far_a_rotation_is_and_never_a_key(cast: Cast, client: Client, settings: Any) -> None:
    make_case()
    settings.OMBUD_MASTER_KEY = Keys.fixed(f"{NEW},{OLD}")
    now = timezone.now()
    client.force_login(cast.mo)
    rotation.advance(now=now)
    page = client.get(PAGE).content.decode()
    assert "<progress" in page
    assert found()["master key"] == doctor.DOUBTFUL
    for turn in range(60):
        blind.forget()
        rotation.advance(now=now + timedelta(seconds=30 * turn))
    assert KeyRotation.objects.get().finished_at is not None
    page = client.get(PAGE).content.decode()
    assert "<progress" not in page
    assert "ombud keys retire" not in page  # sessions may hold what the old one sealed
    KeyRotation.objects.update(begun_at=now - timedelta(days=9))
    page = client.get(PAGE).content.decode()
    assert "ombud keys retire" in page
    assert not any(key in page for key in ("5e5e5e", "6f6f6f"))
    client.force_login(cast.lin)
    assert client.get(PAGE).status_code == 403


def test_a_key_that_was_taken_away_too_early_is_wrong(cast: Cast, settings: Any) -> None:
    make_case()
    settings.OMBUD_MASTER_KEY = Keys.fixed(f"{NEW},{OLD}")
    rotation.advance(now=timezone.now())
    settings.OMBUD_MASTER_KEY = Keys.fixed(NEW)
    assert found()["master key"] == doctor.WRONG


@pytest.mark.parametrize(("hours", "state"), [(None, doctor.DOUBTFUL), (1, doctor.GOOD), (30, doctor.DOUBTFUL)])
def test_an_old_backup_is_doubtful(cast: Cast, client: Client, hours: int | None, state: str, settings: Any) -> None:
    if hours is not None:
        at = timezone.now() - timedelta(hours=hours)
        backups_made.note(made_at=at, kind="full", file="a.ombud", size=1000, generation=1)
    assert found()["backup"] == state
    client.force_login(cast.ai)
    page = client.get(PAGE).content.decode()
    assert ("note-bad" in page) == (state == doctor.DOUBTFUL)
    assert ("a.ombud" in page) == (hours is not None)
    settings.OMBUD_BACKUP_HOURS = 0
    assert "backup" not in found()
