"""The providers of messages that we know, by the kind of their accounts, and the kinds that carry no messages."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.channels import line, messenger, sms, telegram, viber, webhook, wechat, wecom, whatsapp
from ombud.channels.lookups import sources
from ombud.channels.providers import Provider
from ombud.channels.subscribers import kinds

PROVIDERS: Mapping[str, Provider] = {
    "wechat": wechat.PROVIDER,
    "wecom": wecom.PROVIDER,
    "whatsapp": whatsapp.PROVIDER,
    "line": line.PROVIDER,
    "messenger": messenger.PROVIDER,
    "telegram": telegram.PROVIDER,
    "viber": viber.PROVIDER,
    "sms-aliyun": sms.ALIYUN,
    "sms-tencent": sms.TENCENT,
    "sms": sms.GATEWAY,
    "webhook": webhook.PROVIDER,
}
#: Kinds of accounts through which nobody says anything: other systems of the company, on a page of their own.
CONNECTIONS = (sources.KIND, kinds.KIND)
