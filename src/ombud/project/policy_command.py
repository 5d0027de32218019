"""`ombud policy ...`: what can be asked of policies, most of it without a database."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ombud import checks
from ombud.checks import Finding, Report, Severity
from ombud.checks.mutation import Score, mutate
from ombud.checks.outsiders import SHORTEST
from ombud.engine import ENFORCE, OBSERVE, check_story, replay_story
from ombud.policy import PackError, draw, load, shipped
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.stories import story_for
from ombud.policy.values import instant
from ombud.project import policy_diff, policy_new
from ombud.project.policy_words import Unreadable, say
from ombud.texts import spoken
from ombud.worktime import HorizonError, WorktimeError
from ombud.worktime.ending import ending

OK, FOUND, UNREADABLE = 0, 1, 2
SCENARIOS_SHOWN = 3  # the JSON document has all of them


def run(argv: Sequence[str]) -> int:
    """Run one `ombud policy` command and return its exit code."""
    try:
        asked = _parser().parse_args(list(argv))
    except SystemExit as stop:  # argparse has printed the help, or what is wrong
        return OK if not stop.code else UNREADABLE
    command: Callable[[argparse.Namespace], int] = asked.command
    try:
        return command(asked)
    except BrokenPipeError:  # whoever reads the output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except HorizonError as error:
        language = getattr(asked, "language", default_language())
        print(f"ombud policy: {say('horizon', language, first=error.first, last=error.last)}", file=sys.stderr)
        return UNREADABLE
    except (Unreadable, PackError, WorktimeError) as error:
        print(f"ombud policy: {error}", file=sys.stderr)
        return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ombud policy", description="Begin, check, trace, replay and draw policies.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str,
        command: Callable[[argparse.Namespace], int],
        about: str,
        *,
        as_json: bool = True,
        is_of_a_pack: bool = True,
    ) -> Any:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(command=command)
        sub.add_argument("--language", choices=("zh", "en"), default=default_language(), help="language of the output")
        if as_json:
            sub.add_argument("--json", action="store_true", help="print one JSON document")
        if is_of_a_pack:
            sub.add_argument("pack", metavar="PACK", help="a shipped policy's id, or the folder of a pack")
        return sub

    add("list", list_policies, "the policies that come with the program", is_of_a_pack=False)
    about = "a commented pack to start from, made of answers to a few questions"
    policy_new.add_options(add("new", policy_new.new_policy, about, as_json=False, is_of_a_pack=False))
    checked = add("check", check_policy, "what the policy leaves out, contradicts, or cannot carry out")
    about = "a shorter time for outsiders to answer is taken for a slip (default: 24)"
    checked.add_argument("--shortest-silence", metavar="HOURS", type=float, default=SHORTEST / 3600, help=about)
    add("trace", trace_policy, "which rules carry out which clause")
    changed = add("mutate", mutate_policy, "which changes of a number, role, phase or calendar no scenario notices")
    changed.add_argument("--at-least", metavar="PERCENT", type=float, default=0.0, help="exit with 1 below this score")
    about = "what differs between two versions, by clause, and which cases would end differently"
    policy_diff.add_options(add("diff", diff_policies, about, is_of_a_pack=False))
    replay = add("replay", replay_policy, "tell a story under the policy")
    replay.add_argument("story", metavar="STORY", type=Path, help="a YAML file: log, and optionally expect")
    replay.add_argument("--now", metavar="INSTANT", help="how far time passes, such as 2026-03-03T18:00+08:00")
    replay.add_argument("--observe", action="store_true", help="go on after what the policy would refuse")
    diagram = add("diagram", draw_policy, "the policy as a drawing (SVG on standard output)", as_json=False)
    diagram.add_argument("--procedure", default=MAIN, help="which procedure to draw")
    return parser


def default_language() -> str:
    """Return the language of the terminal: zh if it says so, otherwise en."""
    spoken = next((os.environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "")
    return "zh" if spoken.lower().startswith("zh") else "en"


def diff_policies(asked: argparse.Namespace) -> int:
    return policy_diff.diff(asked, open_pack(asked.before), open_pack(asked.after))


def open_pack(name: str) -> Pack:
    """Return a shipped pack, the one in a folder, or a published version written POLICY@VERSION."""
    if name in shipped():
        return load(name)
    if "@" in name and not Path(name).exists():
        return policy_diff.published(name)
    if not Path(name).is_dir():
        raise Unreadable(f'there is no policy "{name}": give a folder, or one of {", ".join(shipped())}')
    return load(Path(name))


def list_policies(asked: argparse.Namespace) -> int:
    rows = []
    for name in shipped():
        pack = load(name)
        report = checks.check(pack)
        rows.append(
            {
                "id": pack.id,
                "version": pack.version,
                "title": spoken(pack.title, asked.language),
                "clauses": len(pack.clauses),
                "errors": report.errors,
                "warnings": report.warnings,
            }
        )
    if asked.json:
        return _print_json(rows)
    for row in rows:
        counts = say("counts", asked.language, errors=row["errors"], warnings=row["warnings"], clauses=row["clauses"])
        print(f"{row['id']}  {row['version']}  {row['title']}  ({counts})")
    return OK


def check_policy(asked: argparse.Namespace) -> int:
    try:
        pack = open_pack(asked.pack)
    except PackError as error:
        report = checks.check_unreadable(Path(asked.pack).resolve().name, error)
    else:
        report = checks.check(pack, shortest=round(asked.shortest_silence * 3600))
    if asked.json:
        _print_json(_report(report, asked.language))
    else:
        print(_report_text(report, asked.language))
    return FOUND if report.errors else OK


def _report(report: Report, language: str) -> dict[str, Any]:
    return {
        "policy": report.policy,
        "version": report.version,
        "findings": [
            {
                "code": each.code,
                "severity": each.severity.value,
                "clauses": list(each.clauses),
                "file": each.place.file if each.place else None,
                "line": each.place.line if each.place else None,
                "message": spoken(each.message, language),
                "witness": spoken(each.witness, language),
                "question": spoken(each.question, language),
                "explained": spoken(each.explained, language) if each.explained else None,
            }
            for each in report.findings
        ],
        "errors": report.errors,
        "warnings": report.warnings,
        "notes": report.notes,
    }


def _report_text(report: Report, language: str) -> str:
    blocks = [_finding_text(each, language) for each in report.findings]
    total = say("total", language, errors=report.errors, warnings=report.warnings, notes=report.notes)
    return "\n".join([*blocks, f"{report.policy} {report.version}: {total}".replace(" :", ":")])


def _finding_text(each: Finding, language: str) -> str:
    place = f"{each.place.file}:{each.place.line}: " if each.place else ""
    clauses = f" [{', '.join(each.clauses)}]" if each.clauses else ""
    severity = say("explained" if each.explained else each.severity.value, language)
    lines = [f"{place}{severity} {each.code}{clauses}: {spoken(each.message, language)}"]
    if each.witness:
        lines.append(f"    {spoken(each.witness, language)}")
    if each.explained:
        lines.append(f"    {say('because', language, words=spoken(each.explained, language))}")
    elif each.question and each.severity is not Severity.NOTE:
        lines.append(f"    {spoken(each.question, language)}")
    return "\n".join(lines)


def trace_policy(asked: argparse.Namespace) -> int:
    trace = checks.trace(open_pack(asked.pack))
    if asked.json:
        return _print_json(
            {
                "policy": trace.policy,
                "clauses": [
                    {
                        "ref": each.clause.ref,
                        "kind": each.clause.kind,
                        "from": "completed" if each.clause.is_completed else "document",
                        "rules": [
                            {
                                "kind": rule.kind,
                                "id": rule.id,
                                "file": rule.at.file if rule.at else None,
                                "line": rule.at.line if rule.at else None,
                            }
                            for rule in each.rules
                        ],
                        "scenarios": list(each.scenarios),
                    }
                    for each in trace.clauses
                ],
                "covered": trace.covered,
                "statements": trace.statements,
                "uncovered": list(trace.uncovered),
            }
        )
    language = asked.language
    for each in trace.clauses:
        print(f"{each.clause.ref}  {spoken(each.clause.text, language)}")
        for rule in each.rules:
            place = f"  {rule.at.file}:{rule.at.line}" if rule.at else ""
            print(f"    {say(rule.kind, language)} {rule.id}  {spoken(rule.title, language)}{place}")
        if each.scenarios:
            names = "; ".join(each.scenarios[:SCENARIOS_SHOWN])
            print(f"    {say('scenarios', language, count=len(each.scenarios), names=names)}")
        if not each.rules:
            print(f"    {say('statement' if each.clause.is_statement else 'uncovered', language)}")
    words = {"covered": trace.covered, "statements": trace.statements, "uncovered": len(trace.uncovered)}
    print(say("traced", language, **words))
    return OK


def mutate_policy(asked: argparse.Namespace) -> int:
    score = mutate(open_pack(asked.pack))
    if asked.json:
        _print_json(_score(score, asked.language))
    else:
        for each in score.findings:
            print(_finding_text(each, asked.language))
        for name in score.failing:
            print(say("failing", asked.language, name=name))
        percent = f"{score.percent:.1f}"
        print(say("score", asked.language, percent=percent, tried=score.tried, left=len(score.survivors)))
    return FOUND if score.percent < asked.at_least else OK


def _score(score: Score, language: str) -> dict[str, Any]:
    return {
        "policy": score.policy,
        "version": score.version,
        "tried": score.tried,
        "noticed": score.noticed,
        "percent": round(score.percent, 1),
        "survivors": [
            {
                "rule": mutant.id,
                "part": mutant.change.part,
                "old": spoken(mutant.change.old, language),
                "new": spoken(mutant.change.new, language),
                "clauses": list(mutant.clauses),
                "file": mutant.change.at.file,
                "line": mutant.change.at.line,
                "scenarios": score.reached[index],
                "message": spoken(mutant.words, language),
            }
            for index, mutant in enumerate(score.survivors)
        ],
        "failing": list(score.failing),
    }


def replay_policy(asked: argparse.Namespace) -> int:
    pack = open_pack(asked.pack)
    try:
        text = asked.story.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"the story {asked.story} cannot be read: {error}") from error
    if asked.now is not None:
        _check_instant(asked.now)
    story = story_for(pack, text, str(asked.story))
    mode = OBSERVE if asked.observe else ENFORCE
    told = replay_story(pack, story, now=asked.now, mode=mode, language=asked.language)
    differences = check_story(pack, story, asked.language) if story["expect"] and not asked.observe else []
    if asked.json:
        _print_json({**told, "differences": differences})
    else:
        print(_told_text(pack, told, differences, asked.language))
    return FOUND if differences else OK


def _check_instant(text: str) -> None:
    try:
        instant(text)
    except ValueError as error:
        raise Unreadable(f"--now: {error}") from error


def _told_text(pack: Pack, told: Mapping[str, Any], differences: Sequence[str], language: str) -> str:
    phases = {phase.id: phase.title for procedure in pack.procedures.values() for phase in procedure.phases.values()}
    lines = [say("stands", language, phase=spoken(phases[told["phase"]], language), now=told["now"])]
    for name, value in told["grades"].items():
        table = pack.tables[name]
        lines.append(f"  {spoken(table.title, language)}: {spoken(table.of.get(str(value), {}), language) or value}")
    for duty in told["duties"]:
        status = say("overdue" if duty["overdue"] else duty["status"], language)
        clauses = ", ".join(duty["clauses"])
        lines.append(
            f"  {duty['id']} #{duty['instance']} [{clauses}] {duty['bearer']}: {status}, {_times(duty, language)}"
        )
    for refused in told["refused"]:
        lines += [_reason_text("refused", refused, reason, language) for reason in refused["reasons"]]
    lines += [_reason_text("reported", each, each, language) for each in told["reports"]]
    lines.append(say("next", language, acts=", ".join(told["next"])))
    lines += [say("differs", language, difference=each) for each in differences]
    return "\n".join(lines)


def _reason_text(word: str, step: Mapping[str, Any], reason: Mapping[str, Any], language: str) -> str:
    clauses = f" [{', '.join(reason['clauses'])}]" if reason["clauses"] else ""
    return "  " + say(word, language, step=step["index"] + 1, act=step["act"], why=f"{reason['message']}{clauses}")


def _times(duty: Mapping[str, Any], language: str) -> str:
    ends = ("due_at", "breached_at")
    keys = ("opened_at", "due_at", "done_at", "breached_at")
    times = {key: _end(duty[key]) if key in ends else duty[key] for key in keys if duty[key]}
    return ", ".join(say(key, language, at=at) for key, at in times.items())


def _end(written: str) -> str:
    """Return the time at which a limit ends with midnight as 24:00 of the day that ends, as ISO 8601 has it too."""
    day, clock = ending(datetime.fromisoformat(written))
    return f"{day}T24:00:00{written[19:]}" if clock == "24:00" else written


def draw_policy(asked: argparse.Namespace) -> int:
    pack = open_pack(asked.pack)
    if asked.procedure not in pack.procedures:
        raise Unreadable(f'{pack.id} has no procedure "{asked.procedure}", only {", ".join(pack.procedures)}')
    print(draw(pack, asked.language, asked.procedure))
    return OK


def _print_json(document: Any) -> int:
    print(json.dumps(document, ensure_ascii=False, indent=2, default=str))
    return OK
