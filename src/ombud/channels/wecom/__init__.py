"""WeCom: what people write to an application of the company's."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ombud.channels.providers import Entry, Provider, api
from ombud.channels.wecom import incoming, outgoing

PROVIDER = Provider(
    title=_("WeCom application"),
    entries=(
        Entry(name="corp_id", label="CorpID"),
        Entry(name="agent_id", label="AgentId"),
        Entry(name="corp_secret", label="Secret", is_secret=True),
        Entry(name="verify_token", label="Token", is_secret=True),
        Entry(name="aes_key", label="EncodingAESKey", is_secret=True, help=_("43 characters.")),
        api(outgoing.API),
    ),
    read=incoming.read,
    send=outgoing.send,
    check=outgoing.check,
    fetch=outgoing.fetch,
    longest=600,
)
