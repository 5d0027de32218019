"""A directory of a test, and its calls by SCIM."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from builders import after
from ombud.directory import keeping
from ombud.directory.models import Directory
from ombud.organisation.models import Person

NOW = after(10)
PATCH = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
USER = ["urn:ietf:params:scim:schemas:core:2.0:User"]
GROUP = ["urn:ietf:params:scim:schemas:core:2.0:Group"]


def make_directory(by: Person, **values: Any) -> Directory:
    given = {"name": "Okta", "kind": "scim", **values}
    secret = str(given.pop("secret", ""))
    return keeping.keep(Directory(), given, secret, by=by, now=NOW)


class Scim:
    """Calls as a directory does."""

    def __init__(self, directory: Directory, by: Person) -> None:
        self.directory = directory
        self.row, self.token = keeping.issue(directory, name="provisioning", expires_at=None, by=by, now=NOW)
        self.client = Client()

    def __call__(self, method: str, path: str, body: Any = None, query: Any = None, **headers: str) -> Any:
        """Return the answer of a call; its `content` is read by `said`."""
        raw = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        return self.client.generic(
            method,
            f"/scim/v2/{path}",
            raw,
            content_type="application/scim+json",
            query_params=query,
            headers={"authorization": f"Bearer {self.token}", **headers},
        )

    def said(self, method: str, path: str, body: Any = None, query: Any = None, status: int = 200) -> dict[str, Any]:
        answer = self(method, path, body, query)
        assert answer.status_code == status, (answer.status_code, answer.content)
        assert answer["Content-Type"].startswith("application/scim+json")
        return json.loads(answer.content) if answer.content else {}

    def patch(self, path: str, *operations: dict[str, Any], status: int = 200) -> dict[str, Any]:
        return self.said("PATCH", path, {"schemas": PATCH, "Operations": list(operations)}, status=status)

    def user(self, name: str = "he@example.com", **more: Any) -> dict[str, Any]:
        body = {
            "schemas": USER,
            "userName": name,
            "displayName": "He Min",
            "emails": [{"primary": True, "value": name, "type": "work"}],
            "active": True,
            **more,
        }
        return self.said("POST", "Users", body, status=201)
