"""The token by which an answer finds its case, and nothing else does."""

import pytest

from ombud.channels.mail.threading import reference_of, reply_address, subject_mark, token

REFERENCE, OTHER = "HW-TZJV-6PTD-Q", "KT-7F3K-9Q2M-X"


def test_an_answer_names_its_case_in_the_address_or_in_the_subject() -> None:
    address = reply_address("complaints@example.com", REFERENCE)
    assert address.startswith("complaints+hwtzjv6ptdq")
    assert len(address.partition("@")[0]) <= 64
    assert reference_of(address) == reference_of(address.upper()) == REFERENCE
    assert reference_of(f"Re: AW: broken {subject_mark(REFERENCE)} again") == REFERENCE


@pytest.mark.parametrize(
    "written",
    [
        f"Re: {REFERENCE}",
        f"[{REFERENCE}~aaaaaaaaaaaaaaaa]",
        "complaints@example.com",
        "complaints+hwtzjv6ptdqaaaaaaaaaaaaaaaa@example.com",
        "complaints+hello@example.com",
        "",
        "[" * 100_000,
        "+" * 100_000,
    ],
)
def test_words_alone_name_no_case(written: str) -> None:
    assert reference_of(written) is None


def test_a_token_holds_for_its_own_case_only() -> None:
    assert token(REFERENCE) != token(OTHER)
    assert reference_of(f"[{OTHER}~{token(REFERENCE)}]") is None
    assert reference_of(subject_mark(REFERENCE).replace("HW", "KT")) is None
