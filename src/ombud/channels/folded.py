"""What was said, as pages show it: what somebody wrote, with the history that they quote and their signature folded."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.channels.mail.folding import fold
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


def text_of(message: Message, text: str) -> Folded:
    """Return the text of a message in its parts; what we wrote ourselves, and what was not mailed, is one."""
    if message.is_out or message.way != Message.Way.MAIL:
        return Folded(text)
    return Folded(*fold(text))


def of(said: Said) -> Folded:
    """Return what was said on a case in its parts."""
    return text_of(said.message, said.text)
