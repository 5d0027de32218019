"""WeChat: what people write to an official account, in its encrypted mode."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider, api
from ombud.channels.wechat import incoming, outgoing

PROVIDER = Provider(
    title=_("WeChat official account"),
    entries=(
        Entry(name="app_id", label="AppID"),
        Entry(name="app_secret", label="AppSecret", is_secret=True),
        Entry(name="verify_token", label="Token", is_secret=True),
        Entry(
            name="aes_key",
            label="EncodingAESKey",
            is_secret=True,
            help=_("43 characters. Choose the encrypted mode at the provider."),
        ),
        api(outgoing.API),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=600,
)
