"""Encrypted assertions: our key pair for a provider, and opening what was encrypted to it.

Content is AES in GCM or CBC, its key RSA-OAEP; RSA with the padding of PKCS #1 v1.5 is refused. CBC proves nothing by
itself: whoever may change what is encrypted could learn it from how it fails, so that all failures from here to the
signature inside are one and the same (`OPAQUE`), and a signature around it is verified before anything is opened.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from ombud.signin.claims import SignOnError
from ombud.signin.providers.saml.xml import ASSERTION, NAMES, Element, parse, words

OPAQUE = "signature"  # what is said of everything that goes wrong
XENC, XENC11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
_IN = {**NAMES, "xenc": XENC, "xenc11": XENC11}
_GCM = {f"{XENC11}aes128-gcm": 16, f"{XENC11}aes192-gcm": 24, f"{XENC11}aes256-gcm": 32}
_CBC = {f"{XENC}aes128-cbc": 16, f"{XENC}aes192-cbc": 24, f"{XENC}aes256-cbc": 32}
OAEP = f"{XENC}rsa-oaep-mgf1p"
METHODS = (f"{XENC11}aes256-gcm", f"{XENC11}aes128-gcm", f"{XENC}aes256-cbc", f"{XENC}aes128-cbc")
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": hashes.SHA1,  # the usual one of OAEP, in which it does no harm
    f"{XENC}sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    f"{XENC}sha512": hashes.SHA512,
}
_MASKS: dict[str, type[hashes.HashAlgorithm]] = {
    f"{XENC11}mgf1sha1": hashes.SHA1,
    f"{XENC11}mgf1sha256": hashes.SHA256,
    f"{XENC11}mgf1sha384": hashes.SHA384,
    f"{XENC11}mgf1sha512": hashes.SHA512,
}
_BITS, _YEARS = 3072, 20
_BLOCK, _NONCE = 16, 12


def make_key(name: str, *, now: datetime) -> tuple[str, str]:
    """Return a new private key and its certificate as PEM; the certificate says whose it is and nothing else."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:60])])
    since = now.astimezone(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=365 * _YEARS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


def opened(encrypted: Element, key: str) -> Element:
    """Return the assertion in an EncryptedAssertion. Raises SignOnError, whatever is wrong the same."""
    try:
        return _opened(encrypted, key)
    except Exception as error:  # how it fails would tell whoever changes it what is in it
        raise SignOnError(OPAQUE) from error


def _opened(encrypted: Element, key: str) -> Element:
    data, keys = encrypted.findall("xenc:EncryptedData", _IN), list(encrypted.iter(f"{{{XENC}}}EncryptedKey"))
    if len(data) != 1 or len(keys) != 1:
        raise ValueError("one assertion is encrypted by one key")
    private = serialization.load_pem_private_key(key.encode(), None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("our keys are RSA")
    inner = private.decrypt(_value(keys[0]), _oaep(keys[0].find("xenc:EncryptionMethod", _IN)))
    method = data[0].find("xenc:EncryptionMethod", _IN).get("Algorithm")
    found = parse(_content(method, inner, _value(data[0])))
    if found.tag != ASSERTION:
        raise ValueError("an assertion is in it")
    return found


def _content(method: str, key: bytes, value: bytes) -> bytes:
    if len(key) != {**_GCM, **_CBC}[method]:
        raise ValueError("a key of another length")
    if method in _GCM:
        return AESGCM(key).decrypt(value[:_NONCE], value[_NONCE:], None)
    reader = Cipher(algorithms.AES(key), modes.CBC(value[:_BLOCK])).decryptor()
    padded = reader.update(value[_BLOCK:]) + reader.finalize()
    if not 1 <= padded[-1] <= _BLOCK:
        raise ValueError("no padding")
    return padded[: -padded[-1]]


def _oaep(method: Any) -> padding.OAEP:
    algorithm = method.get("Algorithm")
    if method.find("xenc:OAEPparams", _IN) is not None or algorithm not in (
        f"{XENC}rsa-oaep-mgf1p",
        f"{XENC11}rsa-oaep",
    ):
        raise ValueError("another way to encrypt a key")
    digest, mask = method.find("ds:DigestMethod", _IN), method.find("xenc11:MGF", _IN)
    hashed = hashes.SHA1 if digest is None else _DIGESTS[digest.get("Algorithm")]
    masked = hashes.SHA1 if mask is None or algorithm == OAEP else _MASKS[mask.get("Algorithm")]
    return padding.OAEP(mgf=padding.MGF1(masked()), algorithm=hashed(), label=None)


def _value(element: Element) -> bytes:
    found = element.findall("xenc:CipherData/xenc:CipherValue", _IN)
    if len(found) != 1:
        raise ValueError("one value")
    return base64.b64decode("".join(words(found[0]).split()), validate=True)
