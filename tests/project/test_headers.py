"""What every answer tells browsers and search engines, whoever made it."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/", "/track/", "/desk/sign-in/", "/healthz", "/nothing/", "/api/v1/nothing", "/api/v1/cases"]
)
def test_an_answer_carries_the_rules_of_the_browser(address: str) -> None:
    answer = Client().get(address)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize(
    ("address", "is_listed"), [("/", True), ("/track/", False), ("/track/KS-1/", False), ("/desk/", False)]
)
def test_what_is_somebodys_own_is_not_for_search_engines(address: str, is_listed: bool) -> None:
    assert Client().get(address).has_header("X-Robots-Tag") is not is_listed
