"""The installation's signature under the list of a dossier: whoever writes that list anew cannot make it."""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ombud.privacy.keys import derived


def _key() -> Ed25519PrivateKey:
    # From the master key, so that it is there wherever the installation is restored, and needs no keeping of its own.
    return Ed25519PrivateKey.from_private_bytes(derived("dossier"))


def key_in_hex() -> str:
    """Return the public key: what auditors compare with, from the page Proof or `ombud dossier --key`."""
    return _key().public_key().public_bytes_raw().hex()


def signature(content: bytes) -> bytes:
    """Return the file that stands beside the signed one."""
    signed = {"algorithm": "Ed25519", "key": key_in_hex(), "signature": _key().sign(content).hex()}
    return json.dumps(signed, indent=2).encode()
