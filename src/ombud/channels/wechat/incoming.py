"""Reads the calls of WeChat: what followers write to our official account."""

from __future__ import annotations

from collections.abc import Mapping

from ombud.channels import payload, weixin
from ombud.channels.providers import Call, Heard, Held, Media, Taken

_MEDIA = {"image": "image.jpg", "voice": "voice.amr", "video": "video.mp4", "shortvideo": "video.mp4"}
_DONE = Taken(answer="success", content_type="text/plain")


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells. Raises NotTheirs, Unreadable."""
    if call.method == "GET":
        weixin.need_signature(call, held, "signature")
        return Taken(answer=call.query.get("echostr", "")[:200], content_type="text/plain")
    encrypted = weixin.encrypted_of(call.body)
    weixin.need_signature(call, held, "msg_signature", encrypted)
    heard = heard_of(weixin.fields_of(weixin.decrypted(encrypted, held, held["app_id"])))
    return Taken(heard=[heard] if heard is not None else (), answer=_DONE.answer, content_type=_DONE.content_type)


def heard_of(fields: Mapping[str, str]) -> Heard | None:
    """Return what somebody said, None where something merely happened: WeCom tells it in the same way."""
    kind, sender = fields.get("MsgType", ""), fields.get("FromUserName", "")
    if kind in ("", "event") or not sender or not fields.get("MsgId"):
        return None
    name, source = _MEDIA.get(kind, ""), fields.get("MediaId", "")
    said = (fields.get(part, "") for part in ("Content", "Recognition", "Label", "Title", "Description", "Url"))
    return Heard(
        id=fields["MsgId"][:250],
        sender=sender[:150],
        text="\n".join(filter(None, said)),
        at=payload.instant(fields.get("CreateTime", "")),
        language="zh",
        media=[Media(name=name, source=source)] if name and source else (),
    )
