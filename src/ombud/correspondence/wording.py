"""The words of a message: sealed when it is written, opened for whoever may read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ombud.correspondence import originals
from ombud.correspondence.models import Message
from ombud.notices.models import Letter
from ombud.policy.event_names import REISSUE
from ombud.privacy import blind
from ombud.privacy.contacts import Key, addresses, phones
from ombud.privacy.keys import WrongMasterKey, key_of, make_complainant, ring
from ombud.privacy.models import Complainant
from ombud.privacy.sealing import Vault, is_sealed

#: The parts of a message that are words of somebody.
ADDRESS, NAME, SUBJECT, TEXT, HTML, FILES, DETAILS = "address", "name", "subject", "text", "html", "files", "details"
FAILURE, REASON = "failure", "reason"  # what a carrier said; why somebody dismissed it
PASSED_OVER = "passed-over"  # through which accounts it would rather have gone, where a platform did not let us
TEMPLATE = "template"  # which one of its account went out, where the platform let nobody be answered freely
LACKING = "lacking"  # what it went out without, though the policy sends it along
CHANNEL = "channel"  # among the details: the channel of the policy that it came in by, where its account has several
CODE = "code"  # what a mail says of a new tracking code: staff read the rest, and nobody this once it was sent
_ELSEWHERE = re.compile(r"[a-z][a-z-]*:")  # KIND:ID, of a messaging provider: such an id is no telephone number


def vault_of(message: Message, key: bytes | None = None) -> Vault:
    """Return what seals and opens the parts of a message; `key` where the keeper's key is at hand."""
    return Vault(key or key_of(message.keeper), f"message {message.id}")


def seal(message: Message, key: bytes, parts: Mapping[str, Any]) -> None:
    """Put parts into a message, sealed under its keeper's key; those that say nothing are left out."""
    vault = vault_of(message, key)
    message.sealed = {**message.sealed, **{name: vault.seal(0, name, part) for name, part in parts.items() if part}}


def part(message: Message, name: str, vault: Vault | None = None) -> Any:
    """Return a part of a message as it was said; empty where there is none, or none any more."""
    if name not in message.sealed:
        return ""
    opened = (vault or vault_of(message)).open(0, name, message.sealed[name])
    return "" if is_sealed(opened) else opened


def opened(vault: Vault, seq: int, name: str, sealed: Mapping[str, dict[str, str]]) -> str:
    """Return one of several sealed texts; empty where there is none, or none any more."""
    value = vault.open(seq, name, sealed[name]) if name in sealed else ""
    return value if isinstance(value, str) and not is_sealed(value) else ""


def said(message: Message, vault: Vault | None = None) -> tuple[str, str]:
    """Return (subject, text) of a message; those of a letter stand in the letter."""
    if message.letter is None or message.case is None:
        return part(message, SUBJECT, vault), part(message, TEXT, vault)
    opened = letter_words(message.letter, Vault(key_of(message.keeper), message.case.reference))
    return opened["subject"], opened["body"]


def without_code(message: Message) -> dict[str, str]:
    """Return the sealed parts of a message without its code."""
    return {name: token for name, token in message.sealed.items() if name != CODE}


def has_lost_code(message: Message) -> bool:
    """Return whether a message told of a tracking code that is kept no longer: sent again, it would tell of none."""
    return message.act == REISSUE and CODE not in message.sealed


def letter_words(letter: Letter, vault: Vault) -> dict[str, str]:
    """Return {"subject", "body"} of a letter; empty once erased. `vault` is its case's."""
    opened = {
        name: vault.open(letter.seq, f"letter:{letter.document}:{name}", letter.sealed[name])
        for name in ("subject", "body")
    }
    return {name: value if isinstance(value, str) else "" for name, value in opened.items()}


def blind_address(address: str) -> str:
    """Return what stands for an address or number in the index: equal for equal ones, and nothing can be read."""
    return blind.single(*_spelled(address)) if address else ""


def blind_addresses(address: str) -> list[str]:
    """Return by what an address or number may be known: under an old master key, too, while a new one comes."""
    return blind.every(*_spelled(address)) if address else []


def known_by(message: Message, vault: Vault | None = None) -> list[str]:
    """Return by what the other side of a message may be known in the index; nothing where nobody is."""
    if not message.address:
        return []
    found = [message.address]
    return found if len(ring()) == 1 else list({*found, *blind_addresses(_address_of(message, vault))})


def blind_anew(message: Message) -> bool:
    """Know the other side of a message, not saved, as it is written now; return whether that is another than before."""
    address = _address_of(message)
    before, message.address = message.address, blind_address(address) if address else message.address
    return message.address != before


def _address_of(message: Message, vault: Vault | None = None) -> str:
    try:
        return str(part(message, ADDRESS, vault))
    except WrongMasterKey:
        return ""


def _spelled(address: str) -> Key:
    if _ELSEWHERE.match(address):
        return "elsewhere", address.strip()
    found = addresses(address) if "@" in address else phones(address, None)
    return found[0] if found else ("other", address.strip().casefold())


def new_keeper(message: Message) -> bytes:
    """Give a message that belongs to no case a key of its own, not saved yet, and return it."""
    message.keeper, key = make_complainant(now=message.had_at)
    return key


def hand_over(message: Message, keeper: Complainant) -> str:
    """Seal a message anew under another keeper's key, not saved; return the name of the original to remove once it is.

    The key that it had alone is the caller's to destroy.
    """
    key, old = key_of(keeper), key_of(message.keeper)
    assert key is not None, "nothing personal is taken in after erasure"
    assert old is not None, "what is erased is handed to nobody"
    before, vault = message.stored_as, vault_of(message, old)
    parts = {name: vault.open(0, name, token) for name, token in message.sealed.items()}
    bytes_of_it = originals.content(message, old) if before else b""
    message.keeper = keeper
    seal(message, key, parts)
    if before:
        originals.store(message, key, bytes_of_it)
    return before
