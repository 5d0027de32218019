"""Takes mails in, files the same directly, and sends letters, in the environment's database; writes how fast.

python -m bench.mail_inside MAILS FILE
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from django.utils import timezone

from bench.fill import prepare
from bench.place import free_port, wait_for

FILE = b"%PDF-1.4\n" + b"0" * 20_000


def main() -> None:
    count, answer = int(sys.argv[1]), Path(sys.argv[2])
    now = timezone.now()
    prepare(now)
    figures = {
        "filed": _filed(count, now),
        "with_file": _taken("files", count, now, FILE),
        "taken": _taken("bench", count, now),
        "sent": _sent(now),
    }
    answer.write_text(json.dumps(figures))


def _rate(count: int, work: Callable[[int], object]) -> float:
    began = time.perf_counter()
    for number in range(count):
        work(number)
    return count / (time.perf_counter() - began)


def _filed(count: int, now: datetime) -> float:
    """Return how many complaints a second are filed with the same words and a file each."""
    from io import BytesIO

    from ombud.cases import attachments
    from ombud.channels import intake

    def file(number: int) -> None:
        row = attachments.store(BytesIO(FILE), name="a.pdf", uploaded_by="bench", now=now)
        said = {"subject": f"Kettle {number}", "narrative": "It leaks. " * 30, "email": f"{number}@example.com"}
        intake.receive(
            "customer-complaints", channel="web", language="en", data={**said, "evidence": [str(row.pk)]}, at=now,
            now=now, owner="bench",
        )  # fmt: skip

    return _rate(count, file)


def _taken(key: str, count: int, now: datetime, file: bytes = b"") -> float:
    """Return how many mails a second are read, kept, sorted and filed, each with a file or without."""
    from ombud.channels import sorting
    from ombud.channels.mail import ingest, turns
    from ombud.correspondence.models import Account

    sorting.AN_ACCOUNT = count + 1  # the limit is not what is measured
    account = Account.objects.create(
        key=key, kind="mail", title="Bench", address="box@example.com", policy="customer-complaints",
        channel="email",
    )  # fmt: skip
    mails = [_mail(key, number, file) for number in range(count)]

    began = time.perf_counter()
    for start in range(0, count, turns.AT_ONCE):  # as they are fetched
        arrived = [ingest.Arrived(raw, now) for raw in mails[start : start + turns.AT_ONCE]]
        ingest.sort(account, ingest.take_in(account, arrived, now=now), now=now)
    return count / (time.perf_counter() - began)


def _mail(key: str, number: int, file: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{key}{number}@example.com", "box@example.com", f"Kettle {number}"
    mail["Message-ID"] = f"<{number}@example.com>"
    mail.set_content("It leaks. " * 30)
    if file:
        mail.add_attachment(file, maintype="application", subtype="pdf", filename="a.pdf")
    return mail.as_bytes()


def _sent(now: datetime) -> tuple[float, float]:
    """Return how many letters a second are handed to a mail server, and how long each computes here, in ms."""
    from ombud.channels.mail import letter_page
    from ombud.correspondence import delivery, letters
    from ombud.correspondence.models import Account

    with _taker() as port:
        here = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
        Account.objects.filter(key="bench").update(options=here)
        while letters.write_waiting(now=now):
            pass
        letter_page.page("", "en")  # the first one loads every library of templates
        account, sent = Account.objects.get(key="bench"), 0
        began, ran = time.perf_counter(), time.process_time()
        while done := delivery.deliver(account, now=now):
            sent += done
        return sent / (time.perf_counter() - began), (time.process_time() - ran) / sent * 1000


@contextlib.contextmanager
def _taker() -> Iterator[int]:
    """Yield the port of a mail server, a process of its own, that takes every mail and keeps none."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    process = subprocess.Popen(command)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
