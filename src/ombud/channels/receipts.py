"""The tracking codes that this browser was told: kept apart from drafts, sealed, as long as the session lives."""

from __future__ import annotations

from django.http import HttpRequest

from ombud.privacy.sealing import HouseVault

SLOT = "receipt"
MOST = 100  # in one browser, a pile of slips; the oldest goes first


def keep(request: HttpRequest, reference: str, secret: str) -> None:
    """Keep the code of a complaint that was told here just now."""
    kept = [name for name in list(request.session.keys()) if name.startswith(f"{SLOT}:")]
    for name in kept[: -MOST + 1] if len(kept) >= MOST else []:
        del request.session[name]
    request.session[f"{SLOT}:{reference}"] = _vault(reference).seal(0, SLOT, secret)


def secret_of(request: HttpRequest, reference: str) -> str:
    """Return the code of a complaint that was told in this browser; empty where it is kept no longer."""
    token = request.session.get(f"{SLOT}:{reference}")
    return str(_vault(reference).open(0, SLOT, token)) if token else ""


def references(request: HttpRequest) -> list[str]:
    """Return the complaints whose codes this browser keeps, the newest first."""
    kept = [name.partition(":")[2] for name in list(request.session.keys()) if name.startswith(f"{SLOT}:")]
    return kept[::-1]


def drop(request: HttpRequest, reference: str) -> None:
    """Keep the code no longer."""
    request.session.pop(f"{SLOT}:{reference}", None)


def _vault(reference: str) -> HouseVault:
    return HouseVault("drafts", f"{SLOT} {reference}")
