"""The servers of a mailbox: how we reach them, and how we say there who we are."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from ombud.channels.mail import tokens
from ombud.correspondence import accounts
from ombud.correspondence.carriers import AccountFailed
from ombud.correspondence.models import Account

TIMEOUT = 30  # seconds; a message is leased for two minutes, and whoever takes it over then would send it again

TLS, STARTTLS, UNENCRYPTED = "tls", "starttls", "none"  # how a connection is kept from others
PORTS: Mapping[tuple[str, str], int] = {
    ("imap", TLS): 993, ("imap", STARTTLS): 143, ("imap", UNENCRYPTED): 143,
    ("smtp", TLS): 465, ("smtp", STARTTLS): 587, ("smtp", UNENCRYPTED): 25,
}  # fmt: skip
FAULTS = (OSError, imaplib.IMAP4.error, ImapToolsError, smtplib.SMTPException, EOFError)


@contextmanager
def incoming(account: Account) -> Iterator[BaseMailBox]:
    """Open the account's mailbox with its folder chosen. Raises AccountFailed for whatever goes wrong inside, too."""
    try:
        mailbox = _mailbox(account)
    except FAULTS as error:
        raise AccountFailed(words(error)) from error
    try:
        yield mailbox
    except FAULTS as error:
        raise AccountFailed(words(error)) from error
    finally:
        try:
            mailbox.logout()
        except FAULTS:
            mailbox.client.shutdown()  # it went away first


def outgoing(account: Account) -> BaseEmailBackend:
    """Return Django's way to the account's SMTP server, not open yet."""
    options = account.options
    if not options.get("smtp_host"):
        return get_connection()  # the server that the settings name, from the account's address
    security = options.get("smtp_security", TLS)
    known: dict[str, Any] = {
        "host": options["smtp_host"],
        "port": int(options.get("smtp_port") or PORTS["smtp", security]),
        "use_tls": security == STARTTLS,
        "use_ssl": security == TLS,
        "timeout": TIMEOUT,
    }
    if tokens.is_used(account):
        return _WithToken(token=tokens.token_of(account), username=user_of(account), **known)
    password = accounts.secrets_of(account).get("password", "")
    return EmailBackend(username=user_of(account) if password else "", password=password, **known)


def user_of(account: Account) -> str:
    """Return under which name we sign in at the account's servers."""
    return str(account.options.get("user") or account.address)


def words(error: BaseException) -> str:
    """Return what a server said, or the kind of fault where it said nothing."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    if isinstance(error, MailboxLoginError):
        return str(error.command_result[1] if len(error.command_result) > 1 else error)
    return str(error) or type(error).__name__


class _WithToken(EmailBackend):
    """Django's SMTP backend, signed in by an OAuth 2 token."""

    def __init__(self, *, token: str, username: str, **known: Any) -> None:
        super().__init__(username="", password="", **known)
        self._user, self._token = username, token

    def open(self) -> bool | None:
        is_new = super().open()
        if is_new:
            assert self.connection is not None, "it was opened"
            said = f"user={self._user}\x01auth=Bearer {self._token}\x01\x01"
            self.connection.auth("XOAUTH2", lambda _challenge=None: said, initial_response_ok=True)
        return is_new


def _mailbox(account: Account) -> BaseMailBox:
    options = account.options
    security = options.get("imap_security", TLS)
    host, port = options["imap_host"], int(options.get("imap_port") or PORTS["imap", security])
    mailbox: BaseMailBox
    if security == TLS:
        mailbox = MailBox(host, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    elif security == STARTTLS:
        mailbox = MailBoxStartTls(host, port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    else:
        mailbox = MailBoxUnencrypted(host, port, timeout=TIMEOUT)
    folder = options.get("folder") or "INBOX"
    try:
        if tokens.is_used(account):
            mailbox.xoauth2(user_of(account), tokens.token_of(account), initial_folder=folder)
        else:
            password = accounts.secrets_of(account).get("password", "")
            mailbox.login(user_of(account), password, initial_folder=folder)
    except BaseException:
        mailbox.client.shutdown()
        raise
    return mailbox
