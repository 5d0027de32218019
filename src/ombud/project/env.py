"""Typed reading of environment variables; a wrong or missing one is an error that names it."""

from __future__ import annotations

import json
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ombud.privacy.master_keys import Keys, MasterKeyError


class SettingError(Exception):
    """A setting is wrong."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem} (see docs/reference/settings.md)")


class Generating:
    """Whether an installation may make up secrets that it lacks."""

    is_allowed = True


def envstr(name: str, default: str = "") -> str:
    """Return the variable, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def envbool(name: str, default: bool = False) -> bool:
    """Return True for 1, true, yes, on; False for 0, false, no, off; anything else is an error."""
    value = envstr(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(name, f"{value!r} is neither 1 nor 0")


def envint(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number of at least `minimum`."""
    value = envstr(name)
    if not value:
        return default
    if not value.isdecimal():
        raise SettingError(name, f"{value!r} is not a whole number")
    if int(value) < minimum:
        raise SettingError(name, f"{value} is less than {minimum}")
    return int(value)


def envlist(name: str) -> list[str]:
    """Return the parts of a comma-separated list, without empty ones."""
    return [part.strip() for part in envstr(name).split(",") if part.strip()]


def envnames(name: str) -> dict[str, dict[str, str]]:
    """Return names by language for keys of two capital letters, written as JSON: {"DE": {"en": "Germany"}}."""
    try:
        found = json.loads(envstr(name, "{}"))
    except json.JSONDecodeError as error:
        raise SettingError(name, f"is not valid JSON: {error}") from error
    texts = found.values() if isinstance(found, dict) else [None]
    if not all(isinstance(text, dict) and all(isinstance(each, str) for each in text.values()) for text in texts):
        raise SettingError(name, 'must look like {"DE": {"zh": "...", "en": "Germany"}}')
    return {str(key): text for key, text in found.items()}


def envsecret(
    name: str, *, generated: Path | None = None, size: int = 32, shortest: int = 0, is_needed: bool = True
) -> str:
    """Return a secret from NAME, from the file that NAME_FILE names, or from the generated file.

    `generated` is where the embedded installation keeps a secret that it made up itself; without
    it an absent secret is an error where it `is_needed`, else empty. One of fewer than `shortest` characters can be
    guessed, which is an error too.
    """
    value, file = envstr(name), envstr(f"{name}_FILE")
    if value and file:
        raise SettingError(name, f"is set, and so is {name}_FILE: set one of them")
    if file:
        try:
            value = Path(file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"{name}_FILE", f"cannot read {file}: {error}") from error
        if not value:
            raise SettingError(f"{name}_FILE", f"{file} is empty")
    if value:
        if len(value) < shortest:
            raise SettingError(name, f"has {len(value)} characters; it needs {shortest} at least, made up by a machine")
        return value
    if not is_needed:
        return ""
    if generated is None:
        raise SettingError(name, "is not set. Outside the embedded installation a secret is never made up")
    if not Generating.is_allowed and not generated.exists():
        raise SettingError(name, f"is not set, and there is no {generated}: give the key that the data were made under")
    return _generated_secret(generated, size)


def _generated_secret(path: Path, size: int) -> str:
    """Return the secret in `path`; whoever comes first writes it, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(size) + "\n")
        try:
            # A link fails where the name exists: two processes that start together agree on one secret.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def envkeys(name: str, *, generated: Path | None) -> Keys:
    """Return the master keys: of 32 bytes, written as 64 hexadecimal digits or wrapped by a KMS.

    Those of a file are read again when it changes.
    """
    text, said = envsecret(name, generated=generated), envstr(f"{name}_FILE")
    file = Path(said) if said else None if envstr(name) else generated
    try:
        return Keys.fixed(text) if file is None else Keys.in_file(file)
    except (OSError, UnicodeDecodeError, MasterKeyError) as error:
        raise SettingError(name, str(error)) from error


def envclamd(name: str) -> str:
    """Return where the virus scanner listens: tcp://host:port or unix:///path; empty where there is none."""
    value = envstr(name)
    if value and not _is_place(value):
        raise SettingError(name, f"{value!r} is neither tcp://HOST:3310 nor unix:///PATH")
    return value


def _is_place(value: str) -> bool:
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:  # a port that is none, half an address
        return False
    return (url.scheme == "tcp" and bool(url.hostname) and port != 0) or (
        url.scheme == "unix" and url.path.startswith("/")
    )


def envs3(name: str) -> dict[str, Any]:
    """Return Django's storage for s3://key:secret@host:port/bucket?region=...; nothing where it is unset.

    s3+http:// goes without TLS; without a host it is Amazon's. NAME_FILE may name a file that holds it.
    """
    value = envsecret(name, is_needed=False)
    if not value:
        return {}
    url = urlsplit(value)
    bucket = url.path.strip("/")
    if url.scheme not in ("s3", "s3+http") or not bucket or "/" in bucket:
        raise SettingError(name, "it is not s3://KEY:SECRET@HOST/BUCKET")
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise SettingError(name, "this needs the packages boto3 and django-storages: pip install 'ombud[s3]'")
    try:
        place = f"{url.hostname}:{url.port}" if url.port else url.hostname
    except ValueError as error:
        raise SettingError(name, str(error)) from error
    options = {
        "bucket_name": bucket,
        "endpoint_url": f"{'http' if url.scheme == 's3+http' else 'https'}://{place}" if place else None,
        "region_name": dict(parse_qsl(url.query)).get("region") or None,
        "access_key": unquote(url.username or "") or None,
        "secret_key": unquote(url.password or "") or None,
        "signature_version": "s3v4",
        "addressing_style": "path" if place else None,
        "default_acl": None,
        "file_overwrite": False,  # a name of ours is never used twice
        "max_memory_size": 1024 * 1024,  # beyond, what is read goes to disk: sealed, as it came
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def envaddress(name: str, *, package: str, extra: str) -> str:
    """Return an http(s) address of a service of the installation's own, which needs a package; empty where it is unset.

    NAME_FILE may name a file that holds it.
    """
    value = envsecret(name, is_needed=False).rstrip("/")
    if not value:
        return ""
    url = urlsplit(value)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise SettingError(name, f"is no address such as https://{extra}.example.com")
    try:
        is_there = find_spec(package) is not None
    except ModuleNotFoundError:  # what the package would lie in
        is_there = False
    if not is_there:
        raise SettingError(name, f"this needs more packages: pip install 'ombud[{extra}]'")
    return value


_MAIL = {"smtp": (25, {}), "smtp+tls": (587, {"EMAIL_USE_TLS": True}), "smtps": (465, {"EMAIL_USE_SSL": True})}


def envmail(name: str) -> dict[str, Any]:
    """Return Django's settings for smtp://user:password@host:port, smtp+tls:// or smtps://; nothing where it is unset.

    NAME_FILE may name a file that holds it.
    """
    value = envsecret(name, is_needed=False)
    if not value:
        return {}
    url = urlsplit(value)
    if url.scheme not in _MAIL:
        raise SettingError(name, f"{url.scheme!r} is no way to send mail that Ombud knows: {', '.join(_MAIL)}")
    try:
        port = url.port
    except ValueError as error:
        raise SettingError(name, str(error)) from error
    if not url.hostname:
        raise SettingError(name, "names no mail server: smtp+tls://user:password@HOST")
    usual, more = _MAIL[url.scheme]
    return {
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": port or usual,
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        **more,
    }


def envdatabase(name: str, *, embedded: Path, lock_wait: int = 5, password: str = "") -> dict[str, Any]:
    """Return Django's settings for postgres://user:password@host:port/name?option=value.

    Without the variable it is the SQLite file `embedded`; sqlite:///path names another one. `lock_wait` is for how
    many seconds a statement waits for what another holds before it fails; `password` is for addresses that have none.
    """
    value = envstr(name)
    url = urlsplit(value)
    if not value or url.scheme == "sqlite":
        return _sqlite(Path(unquote(url.path)) if url.path else embedded, lock_wait)
    if url.scheme not in {"postgres", "postgresql"}:
        raise SettingError(name, f"{url.scheme!r} is no database that Ombud knows: postgres://... or sqlite:///path")
    try:
        port = url.port
    except ValueError as error:
        raise SettingError(name, str(error)) from error
    if not url.path.strip("/"):
        raise SettingError(name, "names no database: postgres://user:password@host:port/NAME")
    # A server that does not answer must not keep requests for minutes, as the system's own limits would.
    patience = {"connect_timeout": "5", "tcp_user_timeout": "15000", "options": f"-c lock_timeout={lock_wait}s"}
    options: dict[str, Any] = patience | dict(parse_qsl(url.query))
    # A pooler that gives each transaction another session loses what was prepared in the one before.
    options["prepare_threshold"] = None if options.pop("prepare", "1") == "0" else 5
    return {
        "ENGINE": "ombud.project.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or "") or password,
        # A socket's folder does not fit where a host name goes: ?host=/run/postgresql
        "HOST": options.pop("host", "") or unquote(url.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _sqlite(path: Path, lock_wait: int) -> dict[str, Any]:
    # What cases are decided by stands in it in clear: other accounts of the machine are to read nothing here.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "ENGINE": "ombud.project.sqlite",
        "NAME": str(path),
        # Threads of the web server live long; opening SQLite anew for each request costs more than the query.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that starts by reading and then writes would fail with "database is locked" at once
            # if somebody wrote in between; taking the write lock first waits for `timeout` instead.
            "transaction_mode": "IMMEDIATE",
            "timeout": lock_wait,
            # FULL: what a complainant was told is registered survives a power cut.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
            ),
        },
    }
