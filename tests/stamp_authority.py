"""A stand-in for an authority that stamps (RFC 3161): a server, a key, and a certificate of its own making."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from asn1crypto import algos, cms, core, tsp, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class StampAuthority:
    """Stamps what is asked for at `now`, unless it is told to do something wrong."""

    def __init__(self, now: datetime) -> None:
        self.now, self.calls = now, 0
        self.nonce: int | None = None  # instead of the one that was asked for
        self.imprint: bytes = b""  # likewise
        self.is_refusing, self.code = False, 200
        self.answer: bytes | None = None  # instead of any stamp
        self.silence = threading.Event()  # set: it answers
        self.silence.set()
        self.root, self._root_key = _certificate("A root", None, None, now, is_root=True)
        self.certificate, self._key = _certificate("A stamp", self.root, self._root_key, now, is_root=False)

    @property
    def pem(self) -> bytes:
        """The certificate that stamps lead to."""
        return self.root.public_bytes(serialization.Encoding.PEM)

    def reply(self, asked: bytes) -> bytes:
        """Return the answer to a request."""
        if self.answer is not None:
            return self.answer
        request = tsp.TimeStampReq.load(asked)
        if self.is_refusing:
            return bytes.fromhex("30053003020102")  # status: rejection, and no stamp
        imprint = request["message_imprint"].native["hashed_message"]
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3.4.1",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": self.imprint or imprint,
                },
                "serial_number": 7,
                "gen_time": self.now,
                "nonce": self.nonce if self.nonce is not None else request["nonce"].native,
            }
        )
        token = self._signed(info.dump())
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _signed(self, content: bytes) -> cms.ContentInfo:
        own = x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))
        proof = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(own.dump()).digest()})
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
                cms.CMSAttribute(
                    {"type": "signing_certificate_v2", "values": [tsp.SigningCertificateV2({"certs": [proof]})]}
                ),
            ]
        )
        sealed = self._key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    "issuer_and_serial_number",
                    cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number}),
                ),
                "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
                "signature": sealed,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [own],
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})

    def __enter__(self) -> Self:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                authority.calls += 1
                authority.silence.wait(10)
                body = authority.reply(asked)
                self.send_response(authority.code)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # whoever asked has given up
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.silence.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/tsa"


def _certificate(name: str, issuer: Any, issuer_key: Any, now: datetime, *, is_root: bool) -> tuple[Any, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = certificates.Name([certificates.NameAttribute(NameOID.COMMON_NAME, name)])
    # The library looks whether certificates hold now, whatever the time in the stamp.
    begins = min(now, datetime.now(UTC)) - timedelta(days=1)
    ends = max(now, datetime.now(UTC)) + timedelta(days=3650)
    usage = {
        "digital_signature": not is_root, "content_commitment": False, "key_encipherment": False,
        "data_encipherment": False, "key_agreement": False, "key_cert_sign": is_root, "crl_sign": is_root,
        "encipher_only": False, "decipher_only": False,
    }  # fmt: skip
    made = (
        certificates.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(certificates.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(certificates.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(certificates.KeyUsage(**usage), critical=True)
    )
    if not is_root:
        stamps = certificates.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(stamps, critical=True)
    return made.sign(issuer_key or key, hashes.SHA256()), key
