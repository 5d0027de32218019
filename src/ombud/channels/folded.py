"""What was said, as pages show it: what somebody wrote, with the history that they quote and their signature folded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ombud.channels.mail.folding import fold
from ombud.correspondence import ways_back
from ombud.correspondence.conversation import Said
from ombud.correspondence.models import Message


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in three parts; nothing of it is lost."""

    written: str
    quoted: str = ""
    signature: str = ""

    @property
    def has_more(self) -> bool:
        """Return whether something is folded."""
        return bool(self.quoted or self.signature)


def text_of(message: Message, text: str, apart: Mapping[str, Any]) -> Folded:
    """Return the text of a message in its parts; what we wrote ourselves, and what was not mailed, is one.

    `apart` is what was taken apart when it came in, "quoted" and "signature", without what opens a complaint.
    """
    if message.is_out or message.way != Message.Way.MAIL:
        return Folded(text)
    quoted, signature = (ways_back.without_token(str(apart.get(name) or "")) for name in ("quoted", "signature"))
    return Folded(text, quoted, signature) if quoted or signature else Folded(*fold(text))


def of(said: Said) -> Folded:
    """Return what was said on a case in its parts."""
    return text_of(said.message, said.text, said.apart)
