"""Who writes: the company's name, address, logo and seal, as letters, mails and papers have them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from ombud.organisation.models import House
from ombud.texts import LANGUAGES, Text, spoken

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"  # how each begins


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who writes; words by language."""

    names: Text
    addresses: Text
    logo: bytes = b""
    seal: bytes = b""

    def lines(self, language: str) -> list[str]:
        """Return name and address in this language, or the nearest that there is."""
        said = (spoken(each, language) for each in (self.names, self.addresses))
        return [line for text in said for line in text.split("\n") if line.strip()]


def sender(*, with_pictures: bool = True) -> Sender:
    """Return who writes, as the company said it; where it did not, the name of the site's host stands for its own."""
    rows = House.objects.all() if with_pictures else House.objects.defer("logo", "seal")
    house = rows.first() or House()
    host = urlsplit(settings.OMBUD_BASE_URL).hostname or ""
    pictures = {name: bytes(getattr(house, name)) for name in ("logo", "seal")} if with_pictures else {}
    return Sender(names=house.names or dict.fromkeys(LANGUAGES, host), addresses=house.addresses, **pictures)
