"""What our own server found out about a sender counts; what anybody else wrote in its name does not."""

import pytest

from mails import mail
from ombud.channels.mail.reading import Authenticity, read

OURS = (
    "Authentication-Results: mx.example.com;\r\n dkim=pass (2048-bit key; dkim=fail) header.d=example.org"
    " header.i=@example.org;\r\n spf=pass (x; spf=fail) smtp.mailfrom=ann@example.org;\r\n"
    " dmarc=pass (p=NONE) header.from=example.org\r\n"
)
FORGED = "Authentication-Results: mx.example.com; dmarc=pass header.from=x.org; spf=pass smtp.mailfrom=x.org\r\n"
RECEIVED = "Received: from mail.example.org by mx.example.com; Sat, 28 Nov 2026 10:00:00 +0000\r\n"
PASSED = Authenticity("mx.example.com", "pass", "example.org", "pass", ("example.org",), "pass")


def found(*headers: str) -> Authenticity:
    return read("".join(headers).encode() + mail(), trusted_servers=["MX.example.com"]).authenticity


def test_results_of_our_server() -> None:
    assert found(OURS) == found(RECEIVED, OURS) == found(OURS, RECEIVED) == PASSED


def test_results_of_another_server_are_not_read() -> None:
    assert found(OURS.replace("mx.example.com", "mx.example.net")) == Authenticity()


def test_what_a_sender_wrote_in_our_name_stands_below_and_is_not_read() -> None:
    ours = "Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=example.org\r\n"
    assert found(ours, RECEIVED, FORGED) == Authenticity("mx.example.com", "fail", "example.org")
    assert found(ours, FORGED).spf == "fail"


def test_several_headers_of_our_server_are_one_result() -> None:
    spf = "Authentication-Results: mx.example.com; spf=softfail smtp.mailfrom=example.org\r\n"
    dkim = "Authentication-Results: mx.example.com 1; dkim=fail header.d=a.org; dkim=pass header.d=b.org\r\n"
    assert found(spf, dkim, RECEIVED) == Authenticity(
        "mx.example.com", "softfail", "example.org", "pass", ("b.org",), ""
    )


@pytest.mark.parametrize("said", ["", ";", "mx.example.com", "mx.example.com; none", "mx.example.com; spf", "(((;"])
def test_a_result_that_says_nothing(said: str) -> None:
    assert (found(f"Authentication-Results: {said}\r\n").spf, found(f"Authentication-Results: {said}\r\n").dkim) == (
        "",
        "",
    )
