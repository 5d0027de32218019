"""Real mail servers for tests: one in memory, and Dovecot where it is installed (CI wants it)."""

from __future__ import annotations

import contextlib
import imaplib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from ombud.correspondence.accounts import keep_secrets
from ombud.correspondence.models import Account

USER, PASSWORD = "complaints@example.com", "wonderful-secret"
DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
HAS_DOVECOT = Path(DOVECOT).exists() and os.geteuid() == 0
PATIENCE = 20.0  # seconds until a server must answer


@dataclass(frozen=True, slots=True)
class PostOffice:
    """A mailbox at an IMAP server, and an SMTP server that takes mail for it."""

    imap_port: int
    smtp_port: int  # 0: it takes none

    def box(self) -> imaplib.IMAP4:
        """Return a connection to the mailbox, signed in."""
        box = imaplib.IMAP4("127.0.0.1", self.imap_port)
        box.login(USER, PASSWORD)
        box.select("INBOX")
        return box

    def put(self, *mails: bytes) -> None:
        """Put mails into the mailbox as if they had arrived."""
        with self.box() as box:
            for mail in mails:
                status, said = box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)
                assert status == "OK", said

    def empty(self) -> None:
        """Remove every mail from the mailbox."""
        with self.box() as box:
            _, found = box.uid("SEARCH", "ALL")
            for uid in found[0].split():
                box.uid("STORE", uid.decode(), "+FLAGS", r"(\Deleted)")
            box.expunge()


def account_at(office: PostOffice, key: str = "box") -> Account:
    """Return an account for the mailbox of an office, at which complaints come in."""
    account = Account(
        key=key, kind="mail", title="Kettle care", address=USER, policy="customer-complaints", channel="email",
        options={
            "imap_host": "127.0.0.1", "imap_port": office.imap_port, "imap_security": "none",
            **({"smtp_host": "127.0.0.1", "smtp_port": office.smtp_port, "smtp_security": "none"}
               if office.smtp_port else {}),
        },
    )  # fmt: skip
    keep_secrets(account, {"password": PASSWORD})
    account.save()
    return account


def mail_of(
    text: str = "It leaks.", *, sender: str = "Li Na <li@example.org>", id: str = "<1@example.org>", **headers: str
) -> bytes:
    """Return a mail to the mailbox."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = sender, USER, id
    for name, value in {"Subject": "Broken kettle", **headers}.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """Yield the port of a server that takes every connection and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        yield server.getsockname()[1]


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def in_memory() -> Iterator[PostOffice]:
    """Run an IMAP and an SMTP server in memory: what the one takes lies in the other's mailbox."""
    office = PostOffice(imap_port=free_port(), smtp_port=free_port())
    ports = ["--imap-port", str(office.imap_port), "--smtp-port", str(office.smtp_port), "--smtps-port", "0"]
    names = ["--host", "127.0.0.1", "--user", USER, "--password", PASSWORD, "--no-http"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mail_devel", *names, *ports], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with _running(process, office):
        yield office


@contextlib.contextmanager
def dovecot(folder: Path) -> Iterator[PostOffice]:
    """Run Dovecot on a mailbox in a folder."""
    office = PostOffice(imap_port=free_port(), smtp_port=0)
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    shutil.chown(folder / "mail", "nobody")
    settings = f"""
        protocols = imap
        listen = 127.0.0.1
        base_dir = {folder}/run
        state_dir = {folder}/state
        log_path = {folder}/log
        ssl = no
        disable_plaintext_auth = no
        first_valid_uid = 1
        mail_location = maildir:{folder}/mail/%u
        passdb {{
          driver = static
          args = password={PASSWORD}
        }}
        userdb {{
          driver = static
          args = uid=nobody gid=nogroup home={folder}/mail/%u
        }}
        service imap-login {{
          inet_listener imap {{
            port = {office.imap_port}
          }}
          inet_listener imaps {{
            port = 0
          }}
        }}
    """
    (folder / "conf").write_text(settings, "utf-8")
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(folder / "conf")])
    with _running(process, office):
        yield office


@contextlib.contextmanager
def _running(process: subprocess.Popen[bytes], office: PostOffice) -> Iterator[None]:
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with socket.create_connection(("127.0.0.1", office.imap_port), timeout=1) as probe:
                    if probe.recv(4):
                        break
            except OSError:
                assert process.poll() is None, "the mail server does not start"
                assert time.monotonic() < end, "the mail server does not answer"
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def miss(what: str, advice: str) -> None:
    """Skip for want of a server; fail where OMBUD_REQUIRE_MAIL says that it must be there."""
    if os.environ.get("OMBUD_REQUIRE_MAIL"):
        pytest.fail(f"{what} is missing: {advice}")
    pytest.skip(f"{what} is missing: {advice}")
