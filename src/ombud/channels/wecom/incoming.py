"""Reads the calls of WeCom: what people write to our application."""

from __future__ import annotations

from ombud.channels import payload, weixin
from ombud.channels.providers import Call, Held, Taken
from ombud.channels.wechat.incoming import heard_of


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    is_greeting = call.method == "GET"
    encrypted = call.query.get("echostr", "") if is_greeting else weixin.encrypted_of(call.body)
    weixin.need_signature(call, held, "msg_signature", encrypted)
    message = weixin.decrypted(encrypted, held, held["corp_id"])
    if is_greeting:
        return Taken(answer=payload.text(message.decode("utf-8", "replace"))[:200], content_type="text/plain")
    heard = heard_of(weixin.fields_of(message))
    return Taken(heard=[heard] if heard is not None else (), answer="success", content_type="text/plain")
