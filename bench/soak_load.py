"""Clients of `make soak`: they upload, file and act over HTTP and note each thing that was acknowledged to them."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.loader import complaint

GRADES = {
    "category": "product_quality", "aspect": "function", "urgency": "normal", "spread": False, "routine": True,
    "legal_step": "none", "business_affected": False,
}  # fmt: skip
PAUSE = 0.4  # seconds between two tries, and after each complaint
JSON = "application/json"


@dataclass
class Ledger:
    """What was acknowledged: what must be there at the end."""

    filed: dict[str, str] = field(default_factory=dict)  # idempotency key -> reference
    acted: list[tuple[str, str]] = field(default_factory=list)  # (reference, act)
    uploads: dict[str, str] = field(default_factory=dict)  # id -> SHA-256
    unanswered: int = 0  # complaints of which nobody heard before the end
    differing: int = 0  # repetitions that were told another reference
    answers: Counter[str] = field(default_factory=Counter)  # status, or how the connection ended

    @property
    def acknowledged(self) -> int:
        """Return how many things were acknowledged so far."""
        return len(self.filed) + len(self.acted) + len(self.uploads)

    def written(self) -> str:
        """Return it as JSON."""
        return json.dumps(vars(self))


class Client(threading.Thread):
    """Uploads a file now and then, files, and registers what it has filed, until told to stop."""

    def __init__(self, port: int, token: str, ledger: Ledger, stop: threading.Event, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.ledger, self.stop, self.dice = port, token, ledger, stop, dice

    def run(self) -> None:
        while not self.stop.is_set():
            file = self.upload() if self.dice.random() < 0.3 else None
            reference = self.file(file)
            if reference is not None and self.dice.random() < 0.6:
                self.register(reference)
            self.stop.wait(self.dice.random() * PAUSE)

    def _ask(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return status and answer of one try; 0 where nobody answers."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                headers = {"Authorization": f"Bearer {self.token}", **headers}
                connection.request("POST", f"/api/v1{path}", body, headers)
                answer = connection.getresponse()
                content = answer.read()
            finally:
                connection.close()
            self.ledger.answers[str(answer.status)] += 1
            told = json.loads(content) if answer.headers.get_content_type().endswith("json") else {}
            return answer.status, told
        except (OSError, http.client.HTTPException, ValueError):
            self.ledger.answers["none"] += 1
            return 0, {}

    def upload(self) -> str | None:
        """Send a file and return its id; None where it was not acknowledged."""
        content = b"%PDF-1.4\n" + self.dice.randbytes(self.dice.randrange(1_000, 200_000))
        head = b'--soak\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=soak"}
        status, told = self._ask("/files", head + content + b"\r\n--soak--\r\n", headers)
        if status != 201:
            return None
        self.ledger.uploads[told["id"]] = hashlib.sha256(content).hexdigest()
        return str(told["id"])

    def file(self, upload: str | None) -> str | None:
        """Send a complaint until it is acknowledged, and then once more at times: the answer must be the same."""
        asked = json.loads(complaint(self.dice))
        asked["channel"] = self.dice.choice(("hotline", "email"))  # to a mail there is a receipt
        asked["data"]["email"] = f"{uuid.uuid4().hex[:12]}@example.com"
        if upload is not None:
            asked["data"]["evidence"] = [upload]
        key, body = str(uuid.uuid4()), json.dumps(asked).encode()
        headers = {"Content-Type": JSON, "Idempotency-Key": key}
        while True:
            status, told = self._ask("/complaints", body, headers)
            if status == 201:
                break
            if 400 <= status < 500:
                return None  # `answers` tells
            if self.stop.is_set():
                self.ledger.unanswered += 1
                return None
            time.sleep(PAUSE)
        self.ledger.filed[key] = told["reference"]
        if self.dice.random() < 0.1:
            status, again = self._ask("/complaints", body, headers)
            self.ledger.differing += status == 201 and again["reference"] != told["reference"]
        return str(told["reference"])

    def register(self, reference: str) -> None:
        """Register a case; who hears nothing asks again, and finds out from `changed` that it was done."""
        seen = 1
        for _try in range(20):
            body = json.dumps({"seen": seen, "data": GRADES}).encode()
            status, told = self._ask(f"/cases/{reference}/acts/register", body, {"Content-Type": JSON})
            if status == 200:
                self.ledger.acted.append((reference, "register"))
                return
            if status == 409 and "seq" in told and not any(c["act"] == "register" for c in told["changed"]):
                seen = told["seq"]  # a rung passed meanwhile
            elif status and status < 500:
                return
            if self.stop.is_set():
                return
            time.sleep(PAUSE)
