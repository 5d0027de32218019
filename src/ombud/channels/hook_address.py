"""The address at which an account's provider calls us: whoever has it may call, so it is told to the provider only."""

from __future__ import annotations

import hmac

from django.conf import settings

from ombud.correspondence.models import Account
from ombud.privacy.keys import digest

TOKEN = 40  # letters: 160 bits, which nobody guesses


def of(account: Account) -> str:
    """Return the address of an account's hook."""
    return f"{settings.OMBUD_BASE_URL}/hooks/{account.key}/{_token(account.key)}/"


def is_right(key: str, token: str) -> bool:
    """Return whether the token is that of an account's key; takes as long whatever is wrong."""
    return hmac.compare_digest(_token(key).encode(), token.encode())


def _token(key: str) -> str:
    return digest("hooks", key)[:TOKEN]
