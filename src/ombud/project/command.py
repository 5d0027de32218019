"""The `ombud` command: one literal table of what can be asked."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version

Runner = Callable[[Sequence[str]], int]

KEYLESS = {"backup", "restore", "keys"}  # what is read or put back was made under keys, which are not made up
PATIENT = (
    "init",
    "migrate",
    "demo",
    "publish",
    "people",
    "verify",
    "rebuild",
    "import",
    "django",
)  # nobody waits behind them
LOCK_WAIT = "60"  # seconds that they wait for what another process holds

# name -> (function that takes the arguments and returns the exit code, whether it needs Django, what it does)
COMMANDS: dict[str, tuple[str, bool, str]] = {
    "policy": ("ombud.project.policy_command:run", False, "list, check, trace, replay or draw policies"),
    "serve": ("ombud.project.serve:run", True, "the web server and the clock, supervised"),
    "clock": ("ombud.project.maintenance:clock", True, "what time does: warnings, breaches, recurrences"),
    "init": ("ombud.project.init_command:run", True, "an installation from nothing: database, keys, translations"),
    "found": ("ombud.project.founding.found_command:run", True, "the link by which a company founds it in the browser"),
    "doctor": ("ombud.project.doctor:run", True, "what is wrong with the installation, and what to do"),
    "migrate": ("ombud.project.maintenance:migrate", True, "bring the database up to date"),
    "demo": ("ombud.project.maintenance:demo", True, "load the demo organisation into an empty database"),
    "publish": ("ombud.project.setup_commands:publish", True, "check a policy and put it in force"),
    "people": ("ombud.project.setup_commands:people", True, "accounts and roles from a list"),
    "admit": ("ombud.project.admit_command:run", True, "a way in for who lost their second factor or password"),
    "verify": ("ombud.project.maintenance:verify", True, "refold every case and compare it with what is stored"),
    "repair": ("ombud.project.clock_command:run", True, "let cases ahead of a clock that was set back go on"),
    "rebuild": ("ombud.project.maintenance:rebuild", True, "derive what is stored beside the events anew"),
    "backup": (
        "ombud.project.backup:backup",
        True,
        "database and evidence into one sealed file, or a series of them",
    ),
    "restore": ("ombud.project.backup:restore", True, "put a backup into an empty installation, as of a moment"),
    "keys": (
        "ombud.project.keys_command:run",
        True,
        "the master keys, and a new one in an old one's place",
    ),
    "import": (
        "ombud.channels.importer:run",
        True,
        "take in complaints from a table or an export",
    ),
    "export": (
        "ombud.insight.exports.command:run",
        True,
        "cases, duties, events or figures as tables; the daily roots over all cases",
    ),
    "dossier": (
        "ombud.project.dossier_command:run",
        True,
        "a case with all that proves it, and the program that checks it",
    ),
    "bill": ("ombud.project.bill:run", False, "which packages it is made of, and their licences"),
    "completion": ("ombud.project.completion:run", False, "what completes this command in a shell"),
    "fonts": ("ombud.papers.fonts:run", False, "which scripts papers can be set in, and what to install"),
    "token": ("ombud.api.token_command:run", True, "tokens and intake keys of the HTTP API"),
    "messages": ("ombud.project.messages:run", True, "collect and compile the interface's translations"),
    "django": ("ombud.project.maintenance:django", True, "Django's own commands"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; the console script."""
    name, *rest = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if name in {"-h", "--help", "help"}:
        print(usage())
        return 0
    if name in {"-V", "--version", "version"}:
        print(f"ombud {version('ombud')}")
        return 0
    if name not in COMMANDS:
        print(f"ombud: there is no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    target, needs_django, _ = COMMANDS[name]
    if name in PATIENT:
        os.environ.setdefault("OMBUD_LOCK_WAIT", LOCK_WAIT)
    try:
        if needs_django:
            set_up_django(is_making_keys=name not in KEYLESS)
        runner = _load(target)
    except _setting_error() as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    return runner(rest)


def usage() -> str:
    """Return the help text."""
    lines = [f"  {name:<10} {about}" for name, (_, _, about) in COMMANDS.items()]
    return "\n".join(["usage: ombud COMMAND ...", "", *lines])


def _load(target: str) -> Runner:
    module, _, function = target.partition(":")
    runner: Runner = getattr(import_module(module), function)
    return runner


def set_up_django(*, is_making_keys: bool = True) -> None:
    """Make models and settings ready, for commands that need them.

    An installation that is to be put back has keys: making up others would hide that the right ones are missing.
    """
    from ombud.project import env

    env.Generating.is_allowed = is_making_keys
    if not is_making_keys and "OMBUD_SECRET_KEY_FILE" not in os.environ:
        os.environ.setdefault("OMBUD_SECRET_KEY", secrets.token_hex(32))  # nobody signs in here
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ombud.project.settings")
    import django

    django.setup()


def _setting_error() -> type[Exception]:
    from ombud.project.env import SettingError

    return SettingError
