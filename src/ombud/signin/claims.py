"""What a provider of single sign-on says of somebody, and why it is not believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class SignOnError(Exception):
    """The provider cannot be asked, or what it says proves nothing; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """What a provider says of somebody."""

    subject: str
    email: str  # only one that it has verified, or that the organisation itself gives out there
    name: str
    username: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A SAML assertion that is right in itself."""

    id: str
    answers: str  # the request that it answers: whoever set out with it must be the one who comes back
    until: datetime
    authenticated_at: datetime | None
    claims: Claims
