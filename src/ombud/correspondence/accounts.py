"""The accounts of the organisation: which one speaks for a case, and what stands in its secrets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from email.utils import parseaddr
from itertools import chain, count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from ombud.cases.models import Case
from ombud.correspondence import wording
from ombud.correspondence.models import Account, Message
from ombud.organisation.models import Change, Person
from ombud.privacy.sealing import HouseVault

MAIL, TELEPHONE = "mail", "telephone"
SMS = ("sms", "sms-aliyun", "sms-tencent")  # kinds of accounts that send to telephone numbers
STAFF = "staff"  # option of the account from which mail to staff goes out
CHANGE = "account"  # kind of what is written down of changes
_TOLD = ("title", "address", "policy", "channel", "office_id", "takes_in", "sends", "files", "is_active")
INSTALLATIONS = "installation"  # the account of the mail server that the settings name


def way_of(kind: str) -> Message.Way:
    """Return how a message goes or came that belongs to a kind of account."""
    return Message.Way.MAIL if kind == MAIL else Message.Way.SMS if kind in SMS else Message.Way.CHAT


def sending(
    policy: str, *, channel: str = "", office: int | None = None, kinds: Collection[str] = (MAIL,)
) -> Account | None:
    """Return the account from which messages go out, None where there is none.

    The one through which the complaint came in, else one of its office, of its policy, of all policies, and last the
    mail server that the settings name.
    """
    rows = Account.objects.filter(kind__in=kinds, is_active=True, sends=True, policy__in=("", policy))
    own = rows.exclude(key=INSTALLATIONS).order_by("-pk")
    found = max(own, key=lambda row: _nearness(row, policy, channel, office), default=None)
    return found or (installations() if MAIL in kinds else None)


def speaking(case: Case, address: str) -> Account | None:
    """Return the account from which a case's messages go to an address: by mail, by SMS, or where it speaks with us."""
    kind, has_kind, _id = address.partition(":")
    if not has_kind:
        kinds = (MAIL,) if "@" in address else SMS
        return sending(case.policy, channel=case.channel, office=case.office_id, kinds=kinds) if address else None
    known_by = wording.blind_addresses(address)
    heard = Message.objects.filter(case=case, address__in=known_by, account__kind=kind, is_out=False)
    heard = heard.filter(account__is_active=True, account__sends=True).select_related("account")
    newest = heard.order_by("-had_at", "-id").first()
    return newest.account if newest is not None else None


def of_staff() -> Account | None:
    """Return the account from which mail to staff goes out: the one chosen for it, else the installation's."""
    chosen = Account.objects.filter(kind=MAIL, is_active=True, sends=True, **{f"options__{STAFF}": True})
    return chosen.order_by("pk").first() or installations()


def addresses_of(policy: str) -> Mapping[str, str]:
    """Return {channel: own address} of the accounts in use at which complaints under a policy come in."""
    rows = (
        Account.objects.filter(policy=policy, is_active=True, takes_in=True)
        .exclude(channel="")
        .exclude(address="")
        .order_by("-pk")
    )
    return dict(rows.values_list("channel", "address"))


def installations() -> Account | None:
    """Return the account of the mail server that the settings name, None where they name none."""
    if not settings.OMBUD_SENDS_MAIL:
        return None
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    known = {"kind": MAIL, "title": name, "address": address, "takes_in": False, "files": False}
    account = Account.objects.get_or_create(key=INSTALLATIONS, defaults=known)[0]
    if (account.title, account.address) != (name, address):  # the settings have changed since
        account.title, account.address = name, address
        account.save(update_fields=["title", "address"])
    return account


def _nearness(row: Account, policy: str, channel: str, office: int | None) -> tuple[bool, ...]:
    is_own, is_there = row.policy == policy, row.office_id == office
    return is_there or row.office_id is None, is_own and row.channel == channel, is_there, is_own


def keep(account: Account, secrets: Mapping[str, Any], *, by: Person, now: datetime) -> None:
    """Save an account as somebody typed it, with who did so; of its secrets only that they changed."""
    if not account.key:
        account.key = _free_key(account)
    keep_secrets(account, secrets)
    account.failures, account.failure, account.paused_until = 0, "", None
    content: dict[str, Any] = {name: getattr(account, name) for name in _TOLD} | account.options
    changed = [name for name, value in secrets.items() if value]
    with transaction.atomic():
        account.save()
        Change.objects.create(kind=CHANGE, key=account.key, content={**content, "secrets": changed}, by=by, at=now)


def changes_of(account: Account) -> list[Change]:
    """Return who changed the account, newest first."""
    return list(Change.objects.filter(kind=CHANGE, key=account.key).select_related("by").order_by("-id")[:50])


def _free_key(account: Account) -> str:
    wanted = slugify(account.address.replace("@", "-").replace(".", "-"))[:50] or account.kind
    taken = {INSTALLATIONS, *Account.objects.filter(key__startswith=wanted).values_list("key", flat=True)}
    return next(each for each in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if each not in taken)


def secrets_of(account: Account) -> Mapping[str, Any]:
    """Return the account's passwords and tokens."""
    vault = vault_of(account)
    return {name: vault.open(0, name, token) for name, token in account.secrets.items()}


def keep_secrets(account: Account, secrets: Mapping[str, Any]) -> None:
    """Put passwords and tokens into an account that has its key, sealed; empty ones leave what is there."""
    vault = vault_of(account)
    account.secrets = {
        **account.secrets,
        **{name: vault.seal(0, name, value) for name, value in secrets.items() if value},
    }


def vault_of(account: Account) -> HouseVault:
    """Return what seals the secrets of an account."""
    return HouseVault("accounts", f"account {account.key}")
