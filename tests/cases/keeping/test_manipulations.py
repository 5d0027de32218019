"""Whatever somebody with the database's own password changes, removes or adds is named by verify."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from builders import START, after, do, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import unmask
from ombud.cases.eventlog import link, rows_of
from ombud.cases.keeping import daily_roots
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import (
    Attachment,
    Case,
    DailyHead,
    DailyRecord,
    DailyRoot,
    Duty,
    Event,
    Grade,
    Participation,
    Removal,
    WakeUp,
    append_only,
)
from ombud.correspondence import attaching, taking_in
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.notices.models import Letter, Notice
from ombud.organisation import calendar_decisions, editions, library, rates, training
from ombud.organisation.models import (
    MANAGER,
    CalendarEdition,
    CalendarProposal,
    Change,
    ExchangeRate,
    Membership,
    PolicyStep,
    PolicyVersion,
    TrainingRecord,
)
from ombud.privacy.models import Access, Complainant
from ombud.project.maintenance import verify
from ombud.worktime import announce

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 what happened"


@dataclass(frozen=True, slots=True)
class Register:
    """Two cases with everything beside them, all of it under a root."""

    cast: Cast
    case: Case
    other: Case


@pytest.fixture
def register(cast: Cast, media: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """A case with a file, letters, notices and a look at it, everything under a root; then the triggers are gone."""
    case, other = make_history(cast, "route"), make_case(minutes=5).case
    file = attachments.store(BytesIO(PDF), name="a.pdf", uploaded_by=cast.lin.key, now=START)
    do(case, "attach", cast, "lin", minutes=45, data={"evidence": [str(file.pk)]})
    carry(now=after(60))
    account = Account.objects.create(key="box", kind="mail", address="c@example.com", policy=case.policy)
    said = Incoming(
        way=Message.Way.MAIL, external_id="1@there", arrived_at=START, address="wang@example.com", text="It leaks on"
    )
    incoming = taking_in.take_in(account, said, now=after(50))
    assert incoming is not None
    attaching.attach(incoming, case, now=after(51))
    unmask(cast.ai, case.reference, reason="a look for the yearly audit", now=after(60))
    rates.enter("USD", "7.1", day=date(2026, 3, 1), source="the bank", by=cast.mo, now=START)
    notice = announce(2027, "Notice 7", [("new_year", date(2027, 1, 1), date(2027, 1, 3))], [])
    proposal = calendar_decisions.suggest(editions.propose(notice), notice=notice, by=cast.mo, now=START)
    calendar_decisions.decline(proposal, because="", by=cast.mo, now=START)
    monkeypatch.setattr(training, "publishing", _Exams)
    monkeypatch.setattr(training.library, "pack", lambda _hash: _Exams)
    training.record(cast.lin, "abroad", "handling", passed_on=date(2026, 2, 2), by=cast.mo, now=START)
    monkeypatch.undo()
    daily_roots.make_root(now=after(60))
    assert verify_all()["problems"] == []
    append_only.remove(connection)
    yield Register(cast, Case.objects.get(pk=case.pk), Case.objects.get(pk=other.pk))
    append_only.install(connection)


class _Exams:
    """A policy that asks for an exam, which the one of these tests does not."""

    exams: Mapping[str, Any] = {"handling": None}
    hash = ""

    @classmethod
    def latest(cls, policy: str) -> type[_Exams]:
        return cls


def _rechain(case: Case) -> None:
    """Write a case anew from its first event, as somebody would who knows how the chain is made."""
    previous = ""
    for row in rows_of(case):
        row.previous, row.occurred, row.recorded = previous, row.occurred - 3600, row.recorded - 3600
        row.hash = previous = link(row, case.reference)
        values = {name: getattr(row, name) for name in ("previous", "occurred", "recorded", "hash")}
        Event.objects.filter(pk=row.pk).update(**values)
    Case.objects.filter(pk=case.pk).update(head=previous, received_at=case.received_at - timedelta(hours=1))


def _cut(case: Case) -> None:
    Event.objects.filter(case=case, seq=case.seq).delete()
    last = rows_of(case)[-1]
    Case.objects.filter(pk=case.pk).update(seq=last.seq, head=last.hash)


def _remove_case(case: Case) -> None:
    for model in (Event, Message, Letter, Notice, Duty, Grade, Participation, WakeUp):
        model.objects.filter(case=case)._raw_delete("default")
    Case.objects.filter(pk=case.pk)._raw_delete("default")


def _change_clause(_: Register) -> None:
    """Change a clause's words together with the hash over them."""
    from ombud.policy import load_sources

    row = PolicyVersion.objects.get()
    sources = {name: text.replace("\u6295\u8bc9", "\u54a8\u8be2") for name, text in row.sources.items()}
    PolicyVersion.objects.update(sources=sources, hash=load_sources(sources).hash)


def _drop_scenarios(_: Register) -> None:
    row = PolicyVersion.objects.get()
    PolicyVersion.objects.update(sources={k: v for k, v in row.sources.items() if not k.startswith("scenarios/")})


def _forge_roots(_: Register) -> None:
    DailyRecord.objects.all().delete()
    DailyHead.objects.all().delete()
    DailyRoot.objects.all().delete()
    Case.objects.update(rooted_seq=0)
    daily_roots.make_root(now=after(60))


def _empty_index(_: Register) -> None:
    from ombud.cases import search

    search.clear()


def _rewrite_content(_: Register) -> None:
    """Put another content in the file's place: under another name, as no rollback would take it back."""
    other = attachments.store(BytesIO(b"%PDF-1.4 something else"), name="", uploaded_by="", now=START)
    Attachment.objects.update(content=other.content)


#: what is done -> (how, a pattern of what verify says of exactly that)
MANIPULATIONS: Mapping[str, tuple[Callable[[Register], Any], str]] = {
    # the log
    "an event changed": (lambda r: Event.objects.filter(case=r.case, seq=3).update(actor="p999"), "chain broken"),
    "an event removed": (lambda r: Event.objects.filter(case=r.case, seq=2).delete(), "chain broken at event 2"),
    "the log cut off": (lambda r: _cut(r.case), "event 5 is not what the daily root"),
    "a case rewritten": (lambda r: _rechain(r.case), "event 5 is not what the daily root"),
    "a case removed whole": (lambda r: _remove_case(r.other), r"^case \d+: is missing"),
    "all events removed": (lambda r: Event.objects.filter(case=r.case).delete(), "has no events"),
    # what is derived from it
    "a phase": (lambda r: Case.objects.filter(pk=r.case.pk).update(phase="closed"), "phase is 'closed'"),
    "a grade": (lambda r: Grade.objects.update(value="major"), "grade rows are"),
    "a due time": (lambda r: Duty.objects.update(due_at=START), "duty register#1: due_at"),
    "a duty removed": (lambda r: Duty.objects.filter(case=r.case).first().delete(), r"duty \w+#1 is missing"),
    "a wake-up": (lambda r: WakeUp.objects.update(at=1), "wakes up at"),
    "the channel": (lambda r: Case.objects.filter(pk=r.case.pk).update(channel="store"), "channel is 'store'"),
    "the language": (lambda r: Case.objects.filter(pk=r.case.pk).update(language="en"), "language is 'en'"),
    "the receipt": (lambda r: Case.objects.filter(pk=r.case.pk).update(received_at=after(9)), "received_at is"),
    "the version": (lambda r: Case.objects.update(policy="another"), r"^case \d+: is not what a daily root"),
    "the tracking code": (
        lambda r: Case.objects.filter(pk=r.case.pk).update(secret="0" * 64),
        r"^code \d+: is not what a daily root",
    ),
    "whose case it is": (
        lambda r: Case.objects.filter(pk=r.case.pk).update(complainant=r.other.complainant),
        "does not belong where it stands",
    ),
    "a viewer added": (
        lambda r: Participation.objects.create(case=r.case, viewer="p:999", received_at=START),
        "may see it, and no event",
    ),
    "a viewer removed": (lambda r: Participation.objects.filter(case=r.case).delete(), r"^viewer \d+: is missing"),
    "the search index": (_empty_index, "the search index lacks cases"),
    # evidence and keys
    "evidence hidden": (
        lambda r: Attachment.objects.update(content=None),
        r"file \S+ is gone, and no removal says why",
    ),
    "evidence rewritten": (_rewrite_content, "was changed: its SHA-256"),
    "evidence's row": (lambda r: Attachment.objects.update(size=1), "its event says"),
    "evidence's row removed": (lambda r: Attachment.objects.all().delete(), "files are missing"),
    "a key taken": (
        lambda r: Complainant.objects.filter(pk=r.case.complainant_id).update(wrapped_key=None),
        "key is gone, and no removal says why",
    ),
    "a key taken as if erased": (
        lambda r: Complainant.objects.filter(pk=r.case.complainant_id).update(wrapped_key=None, erased_at=START),
        "key is gone, and no removal says why",
    ),
    # the policy
    "a clause": (_change_clause, "its hash is"),
    "scenarios": (_drop_scenarios, r"^policy \d+: is not what a daily root"),
    "the approver": (lambda r: PolicyVersion.objects.update(approved_by=r.cast.mo), "as approver"),
    "the day in force": (lambda r: PolicyVersion.objects.update(effective_on=date(2020, 1, 1)), "in force from"),
    "the policy's steps": (lambda r: PolicyStep.objects.all()._raw_delete("default"), "no step says who published"),
    "a calendar edition": (
        lambda r: CalendarEdition.objects.update(source="elsewhere"),
        r"^edition \d+: is not what a daily root",
    ),
    "who decided on working days": (
        lambda r: CalendarProposal.objects.update(decided_by=r.cast.lin),
        r"^proposal \d+: is not what a daily root",
    ),
    # people, rates, training, letters, who looked
    "a role granted": (
        lambda r: Membership.objects.create(person=r.cast.nobody, role=MANAGER),
        r"^role \d+ /manager - -: nobody entered it",
    ),
    "a role removed": (
        lambda r: Membership.objects.filter(person=r.cast.mo).delete(),
        r"^role \d+ /manager - -: is missing",
    ),
    "who gave roles": (
        lambda r: Change.objects.filter(kind="role")._raw_delete("default"),
        r"^role \d+ customer-complaints/agent \d+ -: nobody entered it",
    ),
    "a rate": (lambda r: ExchangeRate.objects.update(rate="6.5"), "is not as it was entered: rate"),
    "a training record": (
        lambda r: TrainingRecord.objects.update(passed_on=date(2026, 3, 1)),
        "passed_on '2026-03-01' for",
    ),
    "a training record removed": (lambda r: TrainingRecord.objects.all().delete(), r"^training \d+: is missing"),
    "a letter removed": (
        lambda r: (Message.objects.all().delete(), Letter.objects.first().delete()),
        r"^letter \d+: is missing",
    ),
    "a letter moved": (
        lambda r: Letter.objects.filter(case=r.case).update(case=r.other),
        r"^letter \d+: is not what a daily root",
    ),
    "a message removed": (lambda r: Message.objects.all()._raw_delete("default"), r"^message .*: is missing"),
    "a message moved": (
        lambda r: Message.objects.filter(case=r.case).update(case=r.other),
        r"^message .*: is not what a daily root",
    ),
    "what was said": (
        lambda r: Message.objects.filter(is_out=False).update(sealed={}),
        r"^incoming .*: is not what a daily root",
    ),
    "when it was said": (
        lambda r: Message.objects.update(said_at=after(-900)),
        r"^message .*: is not what a daily root",
    ),
    "notices": (lambda r: Notice.objects.all().delete(), r"^notice \d+: is missing"),
    "the access log": (lambda r: Access.objects.all()._raw_delete("default"), r"^access \d+: is missing"),
    # the roots themselves
    "the newest root": (
        lambda r: [model.objects.all().delete() for model in (DailyRecord, DailyHead, DailyRoot)],
        "the daily root that saw event",
    ),
    "a root's heads": (lambda r: DailyHead.objects.update(head="0" * 64), "does not match its heads"),
    "a root's records": (lambda r: DailyRecord.objects.filter(kind="letter").delete(), "does not match its heads"),
}  # fmt: skip


def test_each_manipulation_is_named(register: Register) -> None:
    kept = list(daily_roots.export())
    missed = {}
    for name, (change, named) in MANIPULATIONS.items():
        library.forget()
        with transaction.atomic():
            change(register)
            found = verify_all(kept)["problems"]
            transaction.set_rollback(True)
        if not any(re.search(named, problem) for problem in found):
            missed[name] = found
    assert missed == {}
    assert verify_all(kept)["problems"] == [], "nothing of one manipulation is left to hide that another is not found"
    assert len(MANIPULATIONS) >= 42


def test_roots_made_anew_do_not_fit_the_copy(register: Register) -> None:
    kept = list(daily_roots.export())
    make_case(minutes=50)
    _forge_roots(register)
    assert verify_all()["problems"] == []
    assert [problem for problem in verify_all(kept)["problems"] if "not the one of the copy" in problem]


def test_a_root_of_the_copy_that_is_gone_is_named(register: Register, tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "roots.jsonl"
    file.write_text("\n".join([*daily_roots.export(), json.dumps({"number": 2, "root": "0", "made_on": "2026-03-04"})]))
    assert verify(["--roots", str(file)]) == 1
    assert "daily root 2 of 2026-03-04 is missing: the copy has it" in capsys.readouterr().out
    file.write_text("no json\n")
    assert verify(["--roots", str(file)]) == 1
    assert "line 1 of the copy is no daily root" in capsys.readouterr().out
    assert verify(["--roots", str(tmp_path / "absent")]) == 2


def test_what_was_erased_in_order_is_no_problem(register: Register, django_capture_on_commit_callbacks: Any) -> None:
    assert register.case.complainant is not None
    with django_capture_on_commit_callbacks(execute=True):
        erase(register.case.complainant, now=after(70), by=register.cast.mo)
    assert Removal.objects.filter(kind="erasure", removed_by=register.cast.mo).count() == 1
    assert verify_all()["problems"] == []


def test_what_goes_on_in_order_is_no_problem(register: Register) -> None:
    append_only.install(connection)
    cast = register.cast
    do(register.case, "accept_work", cast, "chen", minutes=70)
    rates.enter("USD", "7.2", day=date(2026, 3, 1), source="the bank", by=cast.mo, now=after(70))
    training.revoke(TrainingRecord.objects.get(), reason="somebody else sat it", by=cast.mo, now=after(70))
    carry(now=after(80))
    assert verify_all()["problems"] == []
    daily_roots.make_root(now=after(60 * 24))
    assert verify_all()["problems"] == []
    append_only.remove(connection)
