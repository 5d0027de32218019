"""Master keys come from text, a file or AWS KMS, and say clearly why they cannot be had."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ombud.privacy import master_keys
from ombud.privacy.master_keys import Keys, MasterKeyError, entries_of, parse, replace

ONE, TWO = "5e" * 32, "2:" + "6f" * 32
REGION = "eu-central-1"


def test_keys_are_listed_the_one_that_seals_first() -> None:
    assert [each.generation for each in parse(ONE)] == [1]
    assert [each.generation for each in parse(f"{TWO}, {ONE}\n# the old one goes in May\n")] == [2, 1]
    assert "6f6f" not in repr(parse(TWO))
    assert len({each.mark for each in parse(f"{TWO} {ONE}")}) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no key"),
        ("abcd", "has 2 bytes"),
        ("x" * 64, "hexadecimal"),
        (f"{ONE} {'6f' * 32}", "two keys of one number"),
        ("2:aws-kms:nonsense", "is not aws-kms:REGION:WRAPPED-KEY"),
    ],
)
def test_what_is_no_key_is_named(text: str, said: str) -> None:
    with pytest.raises(MasterKeyError, match=said):
        parse(text)


def test_a_file_is_read_again_when_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "master.key"
    replace(file, [ONE])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = Keys.in_file(file)
    replace(file, [TWO, ONE])
    assert len(held.ring()) == 1  # it has looked a moment ago
    monkeypatch.setattr(master_keys, "LOOK", -1.0)
    assert [each.generation for each in held.ring()] == [2, 1]
    assert entries_of(file) == {2: TWO, 1: ONE}
    file.write_text("nonsense")
    os.utime(file, ns=(1, 1))
    assert [each.generation for each in held.ring()] == [2, 1]  # what was known goes on


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A KMS in this process, with a key of its own."""
    boto3, moto = pytest.importorskip("boto3"), pytest.importorskip("moto")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto.mock_aws():
        yield boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["KeyId"]
    master_keys._opened_by_kms.cache_clear()


def test_a_key_of_kms_is_kept_wrapped_and_opened_by_kms_alone(kms: str) -> None:
    entry = master_keys.made_by_kms(2, kms, REGION)
    assert entry.startswith(f"2:aws-kms:{REGION}:")
    (key,) = parse(entry)
    assert (key.generation, len(key.key), key.comes_from) == (2, 32, "kms")
    assert key.key.hex() not in entry
    master_keys._opened_by_kms.cache_clear()
    assert parse(entry) == (key,)


def test_a_kms_that_refuses_or_is_not_there_says_so(kms: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MasterKeyError, match="AWS KMS in eu-central-1 refuses: NotFound"):
        master_keys.made_by_kms(2, "00000000-0000-0000-0000-000000000000", REGION)
    entry = master_keys.made_by_kms(2, kms, REGION)
    with pytest.raises(MasterKeyError, match=r"cut off or damaged|refuses"):
        parse(entry[:-9])


def test_a_kms_that_cannot_be_reached_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with pytest.raises(MasterKeyError, match="AWS KMS in eu-central-1 cannot be asked"):
        parse(f"2:aws-kms:{REGION}:AAAA")
