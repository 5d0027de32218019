"""Settings from the environment are typed, and wrong ones are named."""

import stat
from pathlib import Path

import pytest

from ombud.project.env import SettingError, envbool, envclamd, envdatabase, envint, envkeys, envmail, envsecret

PATIENCE = {"connect_timeout": "5", "tcp_user_timeout": "15000", "options": "-c lock_timeout=5s"}


def test_a_secret_that_can_be_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMBUD_SECRET_KEY", "a" * 31)
    with pytest.raises(SettingError, match="OMBUD_SECRET_KEY: has 31 characters; it needs 32"):
        envsecret("OMBUD_SECRET_KEY", generated=None, shortest=32)
    monkeypatch.setenv("OMBUD_SECRET_KEY", "a" * 32)
    assert envsecret("OMBUD_SECRET_KEY", generated=None, shortest=32) == "a" * 32


def test_a_flag_is_1_or_0_and_nothing_else(monkeypatch):
    for value, meant in {"1": True, "on": True, "TRUE": True, "0": False, "off": False}.items():
        monkeypatch.setenv("OMBUD_DEMO", value)
        assert envbool("OMBUD_DEMO") is meant
    monkeypatch.setenv("OMBUD_DEMO", "maybe")
    with pytest.raises(SettingError, match="OMBUD_DEMO: 'maybe' is neither 1 nor 0"):
        envbool("OMBUD_DEMO")


def test_a_number_that_is_none_is_named(monkeypatch):
    monkeypatch.setenv("PORT", "eight")
    with pytest.raises(SettingError, match="PORT: 'eight' is not a whole number"):
        envint("PORT", 8000)
    monkeypatch.setenv("PORT", "0")
    with pytest.raises(SettingError, match="PORT: 0 is less than 1"):
        envint("PORT", 8000, minimum=1)


def test_a_secret_is_made_up_once_and_readable_by_its_owner_alone(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("OMBUD_MASTER_KEY", raising=False)
    file = tmp_path / "var" / "master.key"
    key = envkeys("OMBUD_MASTER_KEY", generated=file)
    assert [(each.generation, len(each.key)) for each in key.ring()] == [(1, 32)]
    assert envkeys("OMBUD_MASTER_KEY", generated=file).ring() == key.ring()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["master.key"]


def test_outside_the_embedded_installation_a_missing_secret_is_an_error(monkeypatch):
    monkeypatch.delenv("OMBUD_SECRET_KEY", raising=False)
    with pytest.raises(SettingError, match="OMBUD_SECRET_KEY: is not set"):
        envsecret("OMBUD_SECRET_KEY", generated=None)


def test_a_secret_that_is_not_needed_may_be_missing_and_a_database_takes_its_password_apart(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OMBUD_DATABASE_PASSWORD", raising=False)
    assert envsecret("OMBUD_DATABASE_PASSWORD", is_needed=False) == ""
    (tmp_path / "password").write_text("p@ss\n")
    monkeypatch.setenv("OMBUD_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    apart = envsecret("OMBUD_DATABASE_PASSWORD", is_needed=False)
    for address, meant in (("postgres://ombud@db/ombud", "p@ss"), ("postgres://ombud:own@db/ombud", "own")):
        monkeypatch.setenv("DATABASE_URL", address)
        assert envdatabase("DATABASE_URL", embedded=tmp_path / "none", password=apart)["PASSWORD"] == meant


def test_a_secret_may_stand_in_a_file(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("OMBUD_SECRET_KEY", raising=False)
    (tmp_path / "key").write_text("hush\n")
    monkeypatch.setenv("OMBUD_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert envsecret("OMBUD_SECRET_KEY", generated=None) == "hush"
    monkeypatch.setenv("OMBUD_SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SettingError, match="OMBUD_SECRET_KEY_FILE: cannot read"):
        envsecret("OMBUD_SECRET_KEY", generated=None)


def test_a_key_of_the_wrong_length_is_refused(monkeypatch):
    monkeypatch.setenv("OMBUD_MASTER_KEY", "abcd")
    with pytest.raises(SettingError, match="OMBUD_MASTER_KEY: has 2 bytes"):
        envkeys("OMBUD_MASTER_KEY", generated=None)


def test_a_postgres_address_is_taken_apart(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("DATABASE_URL", "postgres://om%40b:p%2Fw@db.example:5433/ombud?sslmode=require")
    database = envdatabase("DATABASE_URL", embedded=tmp_path / "x")
    assert database["ENGINE"] == "ombud.project.postgresql"
    assert [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "om@b", "p/w", "db.example", "5433", "ombud",
    ]  # fmt: skip
    assert database["OPTIONS"] == {"sslmode": "require", "prepare_threshold": 5, **PATIENCE}


def test_behind_a_pooler_nothing_is_prepared(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("DATABASE_URL", "postgres://pooler/ombud?prepare=0")
    database = envdatabase("DATABASE_URL", embedded=tmp_path / "x")
    assert database["OPTIONS"] == {"prepare_threshold": None, **PATIENCE}


def test_without_an_address_the_database_is_a_durable_file(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database = envdatabase("DATABASE_URL", embedded=tmp_path / "var" / "ombud.sqlite3")
    assert database["NAME"] == str(tmp_path / "var" / "ombud.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]


def test_an_unknown_database_is_refused(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("DATABASE_URL", "mysql://db/ombud")
    with pytest.raises(SettingError, match="DATABASE_URL: 'mysql' is no database that Ombud knows"):
        envdatabase("DATABASE_URL", embedded=tmp_path / "x")


def test_what_the_embedded_installation_writes_is_for_nobody_else_on_the_machine(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    envdatabase("DATABASE_URL", embedded=tmp_path / "var" / "ombud.sqlite3")
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("OMBUD_SECRET_KEY", raising=False)
    envsecret("OMBUD_SECRET_KEY", generated=tmp_path / "other" / "secret.key")
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", None, None)),
        ("smtp+tls://me%40x:p%2Fw@mail.example.com", ("mail.example.com", 587, "me@x", "p/w", True, None)),
        ("smtps://mail.example.com:10465", ("mail.example.com", 10465, "", "", None, True)),
    ],
)
def test_a_mail_server_is_an_address(monkeypatch, url, found):
    monkeypatch.setenv("OMBUD_MAIL_URL", url)
    mail = envmail("OMBUD_MAIL_URL")
    keys = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert tuple(mail.get(key) for key in keys) == found


def test_without_a_mail_server_there_is_none_and_a_wrong_one_is_named(monkeypatch):
    monkeypatch.delenv("OMBUD_MAIL_URL", raising=False)
    assert envmail("OMBUD_MAIL_URL") == {}
    for url in ("http://mail.example.com", "smtp://", "smtp://host:x"):
        monkeypatch.setenv("OMBUD_MAIL_URL", url)
        with pytest.raises(SettingError, match="OMBUD_MAIL_URL"):
            envmail("OMBUD_MAIL_URL")


@pytest.mark.parametrize(
    "value",
    ["tcp://host:99999", "tcp://host:port", "tcp://host:0", "tcp://:3310", "tcp://[::1", "host:3310", "unix://x"],
)
def test_a_scanner_that_listens_nowhere_is_refused_at_the_start(monkeypatch, value):
    monkeypatch.setenv("OMBUD_CLAMD", value)
    with pytest.raises(SettingError, match=r"OMBUD_CLAMD: .* is neither tcp://HOST:3310 nor unix:///PATH"):
        envclamd("OMBUD_CLAMD")


@pytest.mark.parametrize("value", ["tcp://host", "tcp://[::1]:3310", "unix:///run/clamav/clamd.ctl", ""])
def test_a_scanner_listens_at_a_port_or_a_socket(monkeypatch, value):
    monkeypatch.setenv("OMBUD_CLAMD", value)
    assert envclamd("OMBUD_CLAMD") == value
