"""What is answered where a call cannot be done (RFC 7644, 3.12)."""

from __future__ import annotations

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class ScimError(Exception):
    """A call cannot be done: with which status, of which of the RFC's types, and why in words."""

    def __init__(self, status: int, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind = status, detail, kind

    @property
    def content(self) -> dict[str, object]:
        """Return the body of the answer."""
        kind = {"scimType": self.kind} if self.kind else {}
        return {"schemas": [ERROR], "status": str(self.status), **kind, "detail": self.detail}


def bad_syntax(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidSyntax")


def bad_value(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidValue")


def bad_path(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidPath")


def bad_filter(detail: str) -> ScimError:
    return ScimError(400, detail, "invalidFilter")
