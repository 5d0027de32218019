"""Sends messages as mail: through an account's own server, or the one that the installation was given."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formataddr

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from ombud.channels.mail import letter_page, servers, threading
from ombud.channels.mail.signature import signed
from ombud.correspondence.carriers import AccountFailed, HandedOver, Parcel, Refused, Session, TryAgain
from ombud.correspondence.models import Account

_PERMANENT = range(500, 600)
_OF_PARTS, _BYTES = ("message/", "multipart/"), "application/octet-stream"  # bytes are not what these are made of


class Mail:
    """The carrier of mail."""

    @contextmanager
    def session(self, account: Account) -> Iterator[Session]:
        """Open a connection to the account's server. Raises AccountFailed."""
        backend = servers.outgoing(account)
        try:
            backend.open()
        except servers.FAULTS as error:
            raise AccountFailed(servers.words(error)) from error
        try:
            yield _Open(backend, account)
        finally:
            backend.close()


class _Open:
    """An open connection."""

    def __init__(self, backend: BaseEmailBackend, account: Account) -> None:
        self._backend, self._account = backend, account

    def send(self, parcel: Parcel) -> HandedOver:
        """Send a mail; its id is its Message-ID, the same at every attempt, so that doubles are seen."""
        try:
            mail = composed(parcel, self._account)
            self._backend.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()), (450, b""))
            raise _outcome(code, words) from error
        except smtplib.SMTPSenderRefused as error:
            raise AccountFailed(servers.words(error)) from error
        except smtplib.SMTPResponseException as error:
            raise _outcome(error.smtp_code, error.smtp_error) from error
        except servers.FAULTS as error:
            raise AccountFailed(servers.words(error)) from error
        except ValueError as error:  # an address as no mail can have it: a stranger may claim any
            raise Refused(f"No mail can be written like this: {error}") from error
        return HandedOver(str(mail.extra_headers["Message-ID"]).strip("<>"))


def composed(parcel: Parcel, account: Account) -> EmailMultiAlternatives:
    """Return the mail: text and HTML, from the account's address, in the thread of what was said before."""
    has_plus = bool(account.options.get("plus"))  # its provider delivers name+anything@... to name@...
    mark = f"[{parcel.reference}]" if parcel.reference else ""
    if parcel.reference and account.takes_in and not has_plus:
        mark = threading.subject_mark(parcel.reference)
    headers = {
        "Message-ID": f"<{parcel.id}@{account.address.rpartition('@')[2] or 'ombud'}>",
        "Content-Language": parcel.language,
        "Auto-Submitted": "auto-generated" if parcel.is_automatic else "",  # no machine is to answer it (RFC 3834)
    }
    if parcel.answers:
        headers["In-Reply-To"] = f"<{parcel.answers}>"
    if parcel.thread:
        headers["References"] = " ".join(f"<{each}>" for each in parcel.thread)
    answer_to = [threading.reply_address(account.address, parcel.reference)] if has_plus and parcel.reference else None
    mail = EmailMultiAlternatives(
        f"{mark} {parcel.subject}".strip(),
        signed(parcel.text, parcel.signature),
        from_email=formataddr((" ".join(account.title.split()), account.address)),
        to=[parcel.address],
        reply_to=answer_to,
        headers={name: value for name, value in headers.items() if value},
    )
    mail.attach_alternative(letter_page.page(parcel.text, parcel.language, parcel.signature), "text/html")
    for each in parcel.enclosures:
        mail.attach(each.name, each.content, _BYTES if each.media_type.startswith(_OF_PARTS) else each.media_type)
    return mail


def _outcome(code: int, words: bytes | str) -> Exception:
    said = f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    return Refused(said) if code in _PERMANENT else TryAgain(said)
