"""What the tests of signing in share: the clock of the workbench's tests, and a key for each provider of theirs."""

from datetime import datetime
from functools import cache

import pytest

from ombud.signin import single_sign_on
from ombud.signin.providers.saml.encryption import make_key
from workbench.conftest import clock, later, sign_in  # noqa: F401  # fixtures


@cache
def known_key(name: str) -> tuple[str, str]:
    """Return a key that was made for a provider of that name: to find one takes longer than most tests."""
    return make_key(name, now=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))


@pytest.fixture(autouse=True)
def known_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_sign_on, "make_key", lambda name, *, now: known_key(name))
