"""What deploy/ holds is right as far as a machine without a registry can tell: units, compose file, Containerfile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ombud.project.command import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = ("migrate", "web", "clock", "backup")
EXPOSURE = "20"  # of 100; systemd calls up to 20 hardly exposed
# What the Compose Specification lets stand in a service, as far as ours use it: a slip of the pen is an unknown key.
OF_A_SERVICE = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "ports", "read_only",
    "restart", "secrets", "security_opt", "volumes",
}  # fmt: skip
OF_A_HEALTHCHECK = {"disable", "interval", "retries", "start_period", "test", "timeout"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units, with programs that are there on this machine too."""
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("OMBUD_REQUIRE_SYSTEMD"):
            pytest.fail("systemd-analyze is missing: apt-get install systemd")
        pytest.skip("systemd-analyze is missing: apt-get install systemd")
    (tmp_path / "bin").mkdir()
    for name in ("ombud", "granian"):
        (tmp_path / "bin" / name).symlink_to("/bin/true")
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace("/opt/ombud", str(tmp_path)))
    return [str(tmp_path / unit.name) for unit in UNITS]


def test_systemd_takes_the_units_and_finds_them_hardly_exposed(units: list[str]) -> None:
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    judge = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}"]
    for unit in units:
        if unit.endswith(".service"):
            judged = subprocess.run([*judge, unit], capture_output=True, text=True)
            assert judged.returncode == 0, judged.stdout[-300:]


def test_units_start_what_there_is_and_take_secrets_as_files() -> None:
    started = [line for unit in UNITS for line in unit.read_text("utf-8").splitlines() if line.startswith("ExecStart")]
    commands = {found[1] for line in started if (found := re.search(r"/opt/ombud/bin/ombud (\w+)", line))}
    assert commands == {"migrate", "clock", "verify", "backup"} <= set(COMMANDS)
    assert any("ombud.project.rsgi:front" in line for line in started)
    for unit in UNITS:
        if unit.suffix == ".service":
            told = unit.read_text("utf-8")
            assert "User=ombud\n" in told
            assert set(re.findall(r"\b(OMBUD_\w*KEY\w*)=", told)) == {"OMBUD_SECRET_KEY_FILE", "OMBUD_MASTER_KEY_FILE"}


def test_the_compose_file_says_nothing_that_compose_does_not_know() -> None:
    services, volumes, secrets = COMPOSE["services"], COMPOSE["volumes"], COMPOSE["secrets"]
    assert set(COMPOSE) <= {"name", "services", "volumes", "secrets", "x-ombud"}
    assert set(services) == {"database", *OURS}
    for name, service in services.items():
        assert set(service) <= OF_A_SERVICE, name
        assert set(service["secrets"]) <= set(secrets)
        assert {volume.split(":")[0] for volume in service["volumes"] if ":" in volume} <= set(volumes)
        assert set(service.get("healthcheck", {})) <= OF_A_HEALTHCHECK
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert services[needed]["healthcheck"]["test"]


def test_containers_of_ours_may_little_and_are_reached_through_the_proxy_alone() -> None:
    for name in OURS:
        service = COMPOSE["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
    published = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]
    assert COMPOSE["services"]["web"]["command"][0] == "granian"
    assert {COMPOSE["services"][name]["command"][1] for name in ("migrate", "clock", "backup")} <= set(COMMANDS)


def test_secrets_come_from_files_that_the_repository_does_not_hold() -> None:
    assert {secret["file"].split("/")[1] for secret in COMPOSE["secrets"].values()} == {"secrets"}
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if re.search(r"KEY|PASSWORD|TOKEN", name):
                assert name.endswith("_FILE")
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        assert "@" not in re.sub(r"//ombud@", "", str(service["environment"].get("DATABASE_URL", "")))


def test_every_setting_of_ours_that_is_set_there_exists() -> None:
    known = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text("utf-8"), re.MULTILINE))
    told = "".join(path.read_text("utf-8") for path in (*UNITS, DEPLOY / "compose.yaml", DEPLOY / "Containerfile"))
    assert {name.removesuffix("_FILE") for name in re.findall(r"\b(OMBUD_[A-Z_]+|DATABASE_URL)\b", told)} <= known


def test_the_image_holds_no_secret_runs_as_nobody_special_and_says_whether_it_lives() -> None:
    text = re.sub(r"\\\n", " ", (DEPLOY / "Containerfile").read_text("utf-8"))
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    last = lines[max(place for place, line in enumerate(lines) if line[0] == "FROM") :]
    users = [rest for word, rest in last if word == "USER"]
    assert users[-1] not in ("root", "0")
    assert [word for word, _ in last].index("USER") < [word for word, _ in last].index("CMD")
    assert any(word == "HEALTHCHECK" and "/healthz" in rest for word, rest in last)
    assert [
        rest for word, rest in lines if word in ("ENV", "ARG") and re.search(r"KEY|PASSWORD|SECRET|TOKEN", rest)
    ] == []
    assert [rest for word, rest in lines if word == "ADD"] == []  # it fetches from anywhere, and unpacks
    assert all(re.search(r":[\w.]+[\w.-]*( AS \w+)?$", rest) for word, rest in lines if word == "FROM")


@pytest.mark.parametrize("name", [".containerignore", ".dockerignore"])
def test_what_an_installation_keeps_is_no_part_of_an_image(name: str) -> None:
    ignored = (ROOT / name).read_text("utf-8").splitlines()
    assert {".git", "var", ".var", "**/*.key", "**/*.sqlite3*", "**/secrets"} <= set(ignored)
