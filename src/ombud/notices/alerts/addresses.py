"""The address of a way: sealed where it stands, since whoever knows a robot's can write to its group."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ombud.notices.alerts import robots
from ombud.notices.alerts.models import Way
from ombud.privacy import outgoing
from ombud.privacy.masking import BLANK, mask_email
from ombud.privacy.sealing import HouseVault

SIGNING = frozenset(kind for kind, robot in robots.ROBOTS.items() if robot.sign is not None)  # may have a secret
_GUESSED = 12  # letters of a part of an address that is a key, not a word


class WrongAddress(ValueError):
    """Nothing can be sent to this address by this way."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code  # mail, other, or one of outgoing.NotAllowed


def put(way: Way, address: str, secret: str = "") -> None:
    """Seal an address in the way, which is not saved. Raises WrongAddress; asks the resolver."""
    address = address.strip()
    if way.kind == Way.Kind.MAIL:
        _check_mail(address)
    else:
        _check_robot(way.kind, address)
    kept = {"address": address, "secret": secret.strip() if way.kind in SIGNING else ""}
    way.sealed = vault_of(way).seal(0, "address", kept)


def of(way: Way) -> tuple[str, str]:
    """Return the address of a way and its secret."""
    kept = vault_of(way).open(0, "address", way.sealed)
    return kept["address"], kept["secret"]


def hint(way: Way) -> str:
    """Return what may be shown of the address: enough to tell two apart, not enough to write there."""
    address, _secret = of(way)
    if way.kind == Way.Kind.MAIL:
        return mask_email(address)
    return f"{outgoing.origin_of(address).partition('://')[2].partition(':')[0]} \u2026{address[-4:]}"


def without(way: Way, words: str) -> str:
    """Return what a provider said without the address, its parts that nobody can guess, and the secret."""
    address, secret = of(way)
    parts = [each for each in re.split(r"[/?&=]", address) if len(each) >= _GUESSED]
    for each in sorted({address, secret, *parts} - {""}, key=len, reverse=True):
        words = words.replace(each, BLANK)
    return words


def _check_mail(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise WrongAddress("mail") from error


def _check_robot(kind: str, address: str) -> None:
    try:
        outgoing.check(address)
        is_ones = robots.is_ones(kind, address)
    except outgoing.NotAllowed as error:
        raise WrongAddress(error.code) from error
    if not is_ones:
        raise WrongAddress("other")


def vault_of(way: Way) -> HouseVault:
    """Return what seals the address of a way."""
    return HouseVault("ways", way.pk.hex)
