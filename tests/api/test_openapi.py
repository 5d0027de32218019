"""The OpenAPI document: there for everybody, whole, and true."""

import json

import pytest

from builders import make_case
from ombud.api import shapes
from ombud.api.urls import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").json()


def operations(document):
    return {
        (method, path.removeprefix("/api/v1")): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_names_every_endpoint_of_the_contract(document):
    assert document["openapi"].startswith("3.1")
    assert set(operations(document)) == {
        ("post", "/complaints"), ("get", "/cases"), ("get", "/cases/{reference}"), ("get", "/cases/{reference}/events"),
        ("get", "/cases/{reference}/duties"), ("post", "/cases/{reference}/acts/{act}"), ("post", "/files"),
        ("post", "/mentions"),
    }  # fmt: skip


def test_every_endpoint_declares_how_it_fails(document):
    for (method, path), operation in operations(document).items():
        statuses = set(operation["responses"])
        assert {"401", "403", "422"} <= statuses, path
        if method == "post":
            assert {"400", "413"} <= statuses, path
        if "{reference}" in path:
            assert "404" in statuses, path
        for status, response in operation["responses"].items():
            kind = "application/problem+json" if int(status) >= 400 else "application/json"
            assert list(response["content"]) == [kind]
        assert operation["security"]
        assert operation["operationId"]
    assert "409" in operations(document)["post", "/complaints"]["responses"]
    assert "409" in operations(document)["post", "/cases/{reference}/acts/{act}"]["responses"]


def test_every_reference_in_it_leads_somewhere(document):
    def references(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
            for each in part.values():
                yield from references(each)
        elif isinstance(part, list):
            for each in part:
                yield from references(each)

    found = set(references(document))
    assert found
    assert {each.removeprefix("#/components/schemas/") for each in found} <= set(document["components"]["schemas"])


def test_bodies_forbid_what_they_do_not_know(document):
    for name in ("ComplaintIn", "ActIn"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False


def test_it_is_the_same_document_whoever_asks_first(client, document):
    assert client.get("/api/v1/openapi.json").json() == document == json.loads(json.dumps(api.get_openapi_schema()))


def test_problems_have_the_shape_that_it_declares(calling, at_start):
    case, lin = make_case().case, calling("lin")
    for answer in (
        lin.get("/cases/x"), lin.get("/cases", x=1), lin.post("/complaints", "{"),
        lin.post(f"/cases/{case.reference}/acts/register", {"seen": case.seq}),
        lin.post(f"/cases/{case.reference}/acts/register", {"seen": 0}),
    ):  # fmt: skip
        found = shapes.Problem.model_validate(answer.json())
        assert set(answer.json()) <= set(found.model_dump())
