"""Second factors: codes of an app, recovery codes, passkeys; set up, checked, taken away, reset by another.

Where somebody's roles need a second factor the last one cannot be taken away. Nobody resets their own: whoever lost it
signs in with a recovery code, or asks an administrator.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from ombud.organisation.hiring import SECOND_FACTOR
from ombud.organisation.models import Change, Membership, Person
from ombud.privacy.keys import digest
from ombud.privacy.sealing import HouseVault
from ombud.signin import happenings, sessions, totp
from ombud.signin.models import AskedRole, CodeGenerator, Happening, Passkey, RecoveryCode

CODE, PASSKEY, RECOVERY = "code", "passkey", "recovery"
RECOVERY_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another
_LENGTH = 12  # of 30 letters: 58 bits


class FactorError(ValueError):
    """It cannot be done; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ways(person: Person) -> frozenset[str]:
    """Return by what somebody can prove themselves beside their password; empty where by nothing."""
    found = {PASSKEY} if Passkey.objects.filter(person=person).exists() else set()
    if CodeGenerator.objects.filter(person=person).exists():
        found.add(CODE)
    if found and RecoveryCode.objects.filter(person=person).exists():
        found.add(RECOVERY)
    return frozenset(found)


def is_asked(person: Person) -> bool:
    """Return whether one of somebody's roles needs a second factor."""
    asked = set(AskedRole.objects.values_list("policy", "role"))
    return bool(asked) and bool(asked & set(Membership.objects.filter(person=person).values_list("policy", "role")))


def seal(person: Person, secret: str) -> dict[str, str]:
    """Return a secret as it may lie in a session or in the database."""
    return _vault(person.pk).seal(0, "secret", secret)


def opened(person: Person, sealed: dict[str, str]) -> str:
    """Return the secret. Raises Tampered."""
    return str(_vault(person.pk).open(0, "secret", sealed))


@transaction.atomic
def set_up_codes(person: Person, secret: str, code: str, *, now: datetime) -> list[str]:
    """Let an app's codes be a second factor once it showed one, and return new recovery codes. Raises "wrong"."""
    step = totp.matching_step(secret, _typed(code), now=now)
    if step is None:
        raise FactorError("wrong")
    CodeGenerator.objects.update_or_create(
        person=person, defaults={"secret": seal(person, secret), "added_at": now, "last_step": step}
    )
    happenings.note(person, Happening.Kind.CODES_ON, now=now, by=person)
    return _new_codes(person)


def is_right(person: Person, code: str, *, now: datetime) -> bool:
    """Return whether a code proves who somebody is; none does so twice."""
    typed = _typed(code)
    if len(typed) == totp.DIGITS and typed.isascii() and typed.isdigit():
        return _is_code(person, typed, now)
    with transaction.atomic():
        if RecoveryCode.objects.filter(person=person, digest=_digest(person, typed)).delete()[0] == 0:
            return False
        happenings.note(person, Happening.Kind.RECOVERY_USED, now=now, by=person)
    return True


@transaction.atomic
def take_codes_away(person: Person, *, now: datetime) -> None:
    """Let codes of an app be no second factor any more. Raises "needed"."""
    if CodeGenerator.objects.filter(person=person).exists():
        _leave_one(person, {CODE})
        CodeGenerator.objects.filter(person=person).delete()
        happenings.note(person, Happening.Kind.CODES_OFF, now=now, by=person)
        _forget_codes_of_nothing(person)


@transaction.atomic
def take_passkey_away(person: Person, pk: int, *, now: datetime) -> None:
    """Remove a passkey. Raises "needed"."""
    row = Passkey.objects.filter(person=person, pk=pk).first()
    if row is not None:
        _leave_one(person, {PASSKEY} if Passkey.objects.filter(person=person).count() == 1 else set())
        row.delete()
        happenings.note(person, Happening.Kind.PASSKEY_REMOVED, now=now, about=row.name, by=person)
        _forget_codes_of_nothing(person)


@transaction.atomic
def renew_recovery_codes(person: Person, *, now: datetime) -> list[str]:
    """Return new recovery codes, in place of those of before. Raises "nothing"."""
    if not ways(person):
        raise FactorError("nothing")
    happenings.note(person, Happening.Kind.RECOVERY_NEW, now=now, by=person)
    return _new_codes(person)


@transaction.atomic
def reset(person: Person, *, by: Person | None, now: datetime) -> None:
    """Take every second factor of somebody else away and sign them out everywhere. Raises "oneself".

    By nobody: by whoever has the server.
    """
    if by is not None and person.pk == by.pk:
        raise FactorError("oneself")
    for model in (CodeGenerator, RecoveryCode, Passkey):
        model._default_manager.filter(person=person).delete()
    sessions.end_others(person, None)
    Change.objects.create(kind=SECOND_FACTOR, key=person.key, content={"second_factor": "reset"}, by=by, at=now)
    happenings.note(person, Happening.Kind.RESET, now=now, by=by)


def _is_code(person: Person, code: str, now: datetime) -> bool:
    row = CodeGenerator.objects.filter(person=person).first()
    step = totp.matching_step(opened(person, row.secret), code, now=now) if row else None
    if row is None or step is None:
        return False
    # Of two who send the same code at the same moment one comes too late.
    return bool(CodeGenerator.objects.filter(pk=row.pk, last_step__lt=step).update(last_step=step))


def _leave_one(person: Person, gone: Collection[str]) -> None:
    if not ways(person) - set(gone) - {RECOVERY} and is_asked(person):
        raise FactorError("needed")


def _forget_codes_of_nothing(person: Person) -> None:
    if not ways(person):
        RecoveryCode.objects.filter(person=person).delete()


def _new_codes(person: Person) -> list[str]:
    made = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(person=person).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(person=person, digest=_digest(person, each)) for each in made])
    return ["-".join(each[n : n + 4] for n in range(0, _LENGTH, 4)) for each in made]


def _typed(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()[:64]


def _digest(person: Person, code: str) -> str:
    return digest("recovery code", f"{person.pk} {code}")


def vault_of_generator(row: CodeGenerator) -> HouseVault:
    """Return what seals the secret that an app shares with us."""
    return _vault(row.person_id)


def _vault(person: int) -> HouseVault:
    return HouseVault("second factor", f"person {person}")
