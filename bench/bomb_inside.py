"""Takes a bomb in beside the mails of others, in the environment's database, and writes how long these waited.

python -m bench.bomb_inside MAILS FILE
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

from django.utils import timezone

from bench.fill import prepare
from bench.place import free_port, wait_for

USER, PASSWORD = "box@example.com", "a-password-of-the-bench"
EACH = 20  # mails of others that are timed
LOOK = 0.5  # seconds between two looks into a mailbox
PATIENCE = 120.0  # seconds


def main() -> None:
    count, answer = int(sys.argv[1]), Path(sys.argv[2])
    prepare(timezone.now())  # before any model is imported: it sets Django up
    from ombud.channels import carrying
    from ombud.channels.mail import receiving
    from ombud.correspondence.models import Account, Message

    # The server in memory knows no IDLE: how long a mail waits for the next look is not what is measured.
    receiving.STAY = receiving.LISTEN = LOOK
    stop = threading.Event()
    with _server() as bombed, _server() as other:
        _account("bombed", bombed, is_active=False)
        _account("other", other)
        carrying.start(stop)
        figures: dict[str, object] = {"alone": [_delay("other", other, f"alone{n}") for n in range(EACH)]}
        _put(bombed, *(_mail("bomb@example.net", f"bomb{n}") for n in range(count)))
        Account.objects.filter(key="bombed").update(is_active=True)
        of_bomb = Message.objects.filter(account__key="bombed", external_id__startswith="bomb")
        _until(of_bomb.exists)
        figures["other"] = [_delay("other", other, f"other{n}") for n in range(EACH)]
        figures["same"] = [_delay("bombed", bombed, f"same{n}") for n in range(EACH)]
        figures["taken"] = of_bomb.count()
        stop.set()
    answer.write_text(json.dumps(figures))


def _delay(account: str, port: int, name: str) -> float:
    """Return how many seconds after it was put into the mailbox a mail is a complaint."""
    from ombud.cases.models import Case

    began = time.perf_counter()
    _put(port, _mail(f"{name}@example.org", name))
    _until(Case.objects.filter(source=f"{account}/{name}@bench").exists)
    taken = time.perf_counter() - began
    time.sleep(0.5)  # the next one comes at another moment
    return taken


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("a mail did not become a complaint")
        time.sleep(0.02)


def _mail(sender: str, name: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, USER, name, f"<{name}@bench>"
    mail.set_content("It leaks. " * 30)
    return mail.as_bytes()


def _put(port: int, *mails: bytes) -> None:
    with imaplib.IMAP4("127.0.0.1", port) as box:
        box.login(USER, PASSWORD)
        for mail in mails:
            box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)


def _account(key: str, port: int, **more: object) -> None:
    from ombud.correspondence.accounts import keep_secrets
    from ombud.correspondence.models import Account

    account = Account(
        key=key, kind="mail", title=key, address=USER, policy="customer-complaints", channel="email",
        options={"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none"}, **more,
    )  # fmt: skip
    keep_secrets(account, {"password": PASSWORD})
    account.save()


@contextlib.contextmanager
def _server() -> Iterator[int]:
    """Yield the port of an IMAP server in memory."""
    port = free_port()
    ports = ["--imap-port", str(port), "--smtp-port", str(free_port()), "--smtps-port", "0", "--no-http"]
    command = [
        sys.executable,
        "-m",
        "mail_devel",
        "--host",
        "127.0.0.1",
        *ports,
        "--user",
        USER,
        "--password",
        PASSWORD,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, says=True)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


if __name__ == "__main__":
    main()
