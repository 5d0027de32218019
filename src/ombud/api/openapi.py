"""What the OpenAPI document says beyond the shapes: failures, parameters, the media type of problems."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from ombud.api.problems import MEDIA_TYPE
from ombud.api.shapes import Problem
from ombud.api.strict import StrictParser

IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Repeating a request with its key within 24 hours gives the first answer again and files nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x20-\\x7e]+$"},
}


def _in_query(name: str, description: str, **schema: Any) -> dict[str, Any]:
    """Return a parameter of the list."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


#: Every parameter of GET /cases, and grade.TABLE for the outputs of the policy's tables.
LIST: list[dict[str, Any]] = [
    _in_query("cursor", "`next` of the page before"),
    _in_query("limit", "Cases on a page", type="integer", minimum=1, maximum=200, default=50),
    _in_query("sort", "Order", enum=["newest", "oldest", "due"], default="newest"),
    _in_query("q", "Words to search for, Chinese or others"),
    _in_query("policy", "Policy"),
    _in_query("procedure", "Procedure; `*` for all, left out for complaints"),
    _in_query("phase", "Phase"),
    _in_query("department", "Key of a department"),
    _in_query("office", "Key of an office"),
    _in_query("handler", "Key of a person, or `me`"),
    _in_query("channel", "Channel"),
    _in_query("open", "1 for open cases, 0 for closed ones", enum=["1", "0"]),
    _in_query("overdue", "1 for cases with an overdue duty", enum=["1", "0"]),
    _in_query(
        "breached", "1 for cases with a duty that is or was overdue, closed and withdrawn ones too", enum=["1", "0"]
    ),
    _in_query("from", "Received on this day or later, in the person's zone", format="date"),
    _in_query("to", "Received on this day or before", format="date"),
]


def failures(*statuses: int) -> dict[int, type[Problem]]:
    """Return the problem documents that an operation may answer with."""
    return dict.fromkeys(statuses, Problem)


class Api(NinjaAPI):
    """ninja's API, with problem documents declared as what they are."""

    def get_openapi_schema(self, **_more: Any) -> OpenAPISchema:
        return self._document

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        response = super().create_temporal_response(request)
        response["Cache-Control"] = "no-store"  # secrets and personal data belong in no cache
        return response

    @cached_property
    def _document(self) -> OpenAPISchema:
        document = super().get_openapi_schema()
        for path in document["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400:
                        response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
        return document


def make_api() -> Api:
    """Return an API that has no endpoints yet."""
    return Api(
        title="Ombud",
        version="1",
        description="Complaints under a written policy. Errors are RFC 9457 problem documents; times RFC 3339.",
        docs_url=None,  # ninja's page runs inline scripts, which the content-security policy forbids
        parser=StrictParser(),
        urls_namespace="api",
    )
