"""What the server says of itself: which resources there are, which attributes they have, what can be done."""

from __future__ import annotations

from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:"
MOST = 200  # resources of a page


def config(base: str) -> dict[str, Any]:
    """Return what is supported (RFC 7643, 5)."""
    return {
        "schemas": [f"{_CORE}ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token that is made on the page of the directory",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_types(base: str) -> list[dict[str, Any]]:
    """Return the kinds of resources (RFC 7643, 6)."""
    return [
        {
            "schemas": [f"{_CORE}ResourceType"],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            "description": description,
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, description, schema in (
            ("User", "A person", USER),
            ("Group", "A group of people", GROUP),
        )
    ]


def schemas(base: str) -> list[dict[str, Any]]:
    """Return the attributes of each kind of resource (RFC 7643, 7)."""
    return [
        {
            "schemas": [f"{_CORE}Schema"],
            "id": schema,
            "name": name,
            "description": name,
            "attributes": attributes,
            "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema}"},
        }
        for schema, name, attributes in ((USER, "User", _USER), (GROUP, "Group", _GROUP))
    ]


def _attribute(name: str, description: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    text = {"caseExact": False, "uniqueness": "none"} if kind == "string" else {}
    plain = {"multiValued": False, "required": False, "mutability": "readWrite", "returned": "default"}
    return {"name": name, "type": kind, "description": description, **plain, **text, **more}


_USER = [
    _attribute("userName", "What they sign in with", required=True, uniqueness="server"),
    _attribute("displayName", "What they are called"),
    _attribute("title", "Their job"),
    _attribute("preferredLanguage", "In which the desk speaks to them"),
    _attribute("active", "Whether they may sign in", "boolean"),
    _attribute(
        "name", "The parts of their name", "complex",
        subAttributes=[
            _attribute("formatted", "The whole name"),
            _attribute("familyName", "Family name"),
            _attribute("givenName", "Given name"),
        ],
    ),
    _attribute(
        "emails", "Their e-mail address: the first one, or the primary one of several", "complex", multiValued=True,
        subAttributes=[
            _attribute("value", "The address"),
            _attribute("type", "Such as work"),
            _attribute("primary", "Always true", "boolean"),
        ],
    ),
]  # fmt: skip
_GROUP = [
    _attribute("displayName", "Its name", required=True),
    _attribute(
        "members", "Who is in it", "complex", multiValued=True,
        subAttributes=[
            _attribute("value", "The id of a user", mutability="immutable", caseExact=True),
            _attribute(
                "$ref", "Their address", "reference", referenceTypes=["User"], mutability="immutable", caseExact=True
            ),
            _attribute("display", "What they are called", mutability="readOnly"),
        ],
    ),
]  # fmt: skip
