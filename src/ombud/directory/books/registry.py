"""The kinds of address books that can be read."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.directory.books import dingtalk, feishu, wecom
from ombud.directory.books.model import Book, Credentials, Provider
from ombud.directory.keeping import secret_of
from ombud.directory.models import Directory

PROVIDERS: Mapping[str, Provider] = {
    Directory.Kind.WECOM: wecom.PROVIDER,
    Directory.Kind.DINGTALK: dingtalk.PROVIDER,
    Directory.Kind.FEISHU: feishu.PROVIDER,
}


def read(directory: Directory) -> Book:
    """Return the address book of a directory as it is now. Raises BookError."""
    provider = PROVIDERS[directory.kind]
    known = Credentials(url=directory.url or provider.url, client_id=directory.client_id, secret=secret_of(directory))
    return provider.read(known)
