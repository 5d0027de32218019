"""OAuth 2 tokens, with which Microsoft 365 and Google let programs into a mailbox: renewed as they run out."""

from __future__ import annotations

import threading
import time

from ombud.correspondence import accounts
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account
from ombud.privacy import outgoing

OAUTH2 = "oauth2"
#: What the providers' mailboxes ask for.
PROVIDERS = {
    "microsoft": (
        "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        "https://outlook.office365.com/IMAP.AccessAsUser.All https://outlook.office365.com/SMTP.Send offline_access",
    ),
    "google": ("https://oauth2.googleapis.com/token", "https://mail.google.com/"),
}
TIMEOUT, LONGEST, MARGIN = 20, 64 * 1024, 120  # seconds, bytes of an answer, seconds before a token runs out

_kept: dict[tuple[str, str], tuple[float, str]] = {}  # (account, what renews it) -> (until, token)
_lock = threading.Lock()


def is_used(account: Account) -> bool:
    """Return whether the account is opened by a token, not a password."""
    return bool(account.options.get("auth") == OAUTH2)


def token_of(account: Account) -> str:
    """Return a token that is good for two minutes at least. Raises AccountFailed."""
    secrets = accounts.secrets_of(account)
    key = (account.key, str(secrets.get("refresh_token", "")))
    with _lock:
        until, token = _kept.get(key, (0.0, ""))
    if time.monotonic() < until:
        return token
    url, scope = _provider(account)
    asked = {
        "grant_type": "refresh_token",
        "client_id": account.options.get("client_id", ""),
        "client_secret": secrets.get("client_secret", ""),
        "refresh_token": key[1],
        "scope": scope,
    }
    answer = _post(url, {name: str(value) for name, value in asked.items() if value})
    token = str(answer.get("access_token") or "")
    if not token:
        raise AccountFailed(f"{answer.get('error', 'no token')}: {answer.get('error_description', '')}"[:500])
    with _lock:
        _kept[key] = (time.monotonic() + float(str(answer.get("expires_in") or 0)) - MARGIN, token)
    return token


def _provider(account: Account) -> tuple[str, str]:
    url, scope = PROVIDERS.get(str(account.options.get("provider")), ("", ""))
    url = url.format(tenant=account.options.get("tenant") or "common")
    return str(account.options.get("token_url") or url), str(account.options.get("scope") or scope)


def _post(url: str, fields: dict[str, str]) -> dict[str, object]:
    """Return what the provider answers to a form. Raises AccountFailed."""
    try:
        return outgoing.post_form(url, fields, patience=TIMEOUT, most=LONGEST).json
    except outgoing.NotAllowed as error:
        raise AccountFailed(f"{url} is not called: {error.code}") from error
    except outgoing.NoAnswer as error:
        raise AccountFailed(f"{url} does not answer: {error}") from error
