"""References and secrets: readable, checkable, unguessable."""

from __future__ import annotations

from ombud.cases.references import ALPHABET, new_reference, new_secret, normal_reference, normal_secret


def test_a_reference_is_found_however_it_is_typed() -> None:
    reference = new_reference("OM")
    assert normal_reference(reference) == reference
    for typed in (reference.lower(), reference.replace("-", ""), reference.replace("-", " "), f"  {reference} "):
        assert normal_reference(typed) == reference


def test_letters_that_look_like_digits_are_read_as_them() -> None:
    for _ in range(50):
        reference = new_reference("OM")
        typed = reference[:3] + reference[3:].replace("0", "O").replace("1", "l")
        assert normal_reference(typed) == reference


def test_a_slip_of_one_character_never_reads_as_another_reference() -> None:
    reference = new_reference("OM").replace("-", "")
    for place in range(2, len(reference)):
        for letter in ALPHABET:
            if letter != reference[place]:
                assert normal_reference(reference[:place] + letter + reference[place + 1 :]) is None


def test_what_cannot_be_a_reference_is_none() -> None:
    for typed in ("", "OM", "OM-1234", "OM-1234-5678-U", "12-3456-7890-1", "OM-1234-5678-9-0-1", "\x00", "王小明"):
        assert normal_reference(typed) is None


def test_a_secret_has_65_bits_and_is_read_without_hyphens_and_case() -> None:
    secrets = {new_secret() for _ in range(200)}
    assert len(secrets) == 200
    secret = secrets.pop()
    assert len(normal_secret(secret)) == 13
    assert normal_secret(secret.lower().replace("-", " ")) == normal_secret(secret)
