"""The world that the matrix asks about: one case that roles see, and one of each kind that is kept from somebody.

Each case that is kept from somebody holds canaries: its number, a name, words of the story, a mail address, a file's
name. None of them may be in any answer to whom it is kept from.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from builders import GRADES, POLICY, after, do, make_case, make_history
from carried import carry
from cast import Cast
from notices.alerts.ways import make_way
from ombud.api import keys
from ombud.cases import attachments, confidential, outbox
from ombud.cases.access.case_access import access_case
from ombud.cases.access.recusal import recuse
from ombud.cases.keeping import erasure_requests, holds
from ombud.cases.models import Case, CaseLink, Duty, ErasureRequest, LegalHold, Outbox
from ombud.cases.references import shown
from ombud.correspondence import taking_in
from ombud.correspondence.models import Account, Message
from ombud.correspondence.taking_in import Incoming
from ombud.insight import keeping, summing
from ombud.insight.opinion import mentions
from ombud.insight.opinion.mentions import Said
from ombud.insight.opinion.models import Mention
from ombud.notices.alerts.models import Alert, Way
from ombud.notices.models import Letter, Notice
from ombud.organisation.models import ADMINISTRATOR, MANAGER, POLICY_OWNER, Membership, Person
from samples import picture_file

NOW = after(900)
FOREIGN, RECUSED, CONFIDENTIAL, LINKED = "foreign", "recused", "confidential", "linked"
KINDS = (FOREIGN, RECUSED, CONFIDENTIAL, LINKED)
READERS = ("lin", "wei", "chen", "zhou", "deng", "sun", "gao", "mo", "ai", "ada", "pol", "nobody")
OVERSEERS = {"mo", "ai", "ada"}
COUNT = ("lin", "chen", "deng", "mo", "ai")  # of those who see all, some and few: their pages must count alike
SAMPLE = ("lin", "deng", "ai")  # on PostgreSQL, where the same code asks
SEE_FOREIGN = {"lin", "wei", "chen", "zhou", "gao", "mo", "ai"}

#: The one page that tells overseers, of confidential cases, that these exist: their numbers and no more.
EXISTENCE = {"desk_confidential"}
#: Addresses that a GET of a reader would end, and those that answer for as long as somebody listens.
NOT_ASKED = {
    "sign_out": "ends the session that asks",
    "portal:leave": "says on the next page which number was typed",
}
#: Pages whose answer may differ once there are cases that the reader sees nothing of, each with the reason.
COUNTED_ALL = {
    "desk_proof": "says how many events and heads the daily roots cover, of all cases",
    "desk_confidential": "says that confidential cases exist",
    "desk_opinion": "says that what somebody said in public was tied to a complaint, not to which",
    "desk_tokens": "says that a token was used meanwhile",
    "healthz": "of the installation",
    "readyz": "of the installation",
}


@dataclass
class World:
    """What is asked for: one case that the roles see, and one of each kind that is kept from somebody."""

    cast: Cast
    own: Case
    hidden: dict[str, Case] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)  # keys of rows that belong to hidden cases
    uuids: list[UUID] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    letter: Message | None = None  # in the inbox, from whoever complained of the confidential case


def canaries(kind: str) -> dict[str, str]:
    return {
        "subject": f"Kanarien{kind}fracht",
        "narrative": f"Der Zeisig{kind}falter sang um drei.",
        "name": f"Stieglitz{kind}mann",
        "email": f"fink{kind}@example.org",
        "demand": f"Gimpel{kind}geld 98765,43",
    }


def needles(case: Case, kind: str) -> list[str]:
    words = [f"kanarien{kind}", f"zeisig{kind}", f"stieglitz{kind}", f"gimpel{kind}", f"ammer{kind}"]
    words += [] if kind == CONFIDENTIAL else [f"fink{kind}@"]  # of its complainant a mail lies in the inbox
    return [case.reference.lower(), shown(case.reference).lower(), *words]


def forbidden(world: World, who: str) -> list[str]:
    """Return the kinds of cases of which the reader may hear nothing."""
    return [kind for kind in KINDS if kind != FOREIGN or who not in SEE_FOREIGN]


def build(cast: Cast) -> World:
    """Return the world before there is anything to hide."""
    for name, role in (("ada", ADMINISTRATOR), ("pol", POLICY_OWNER), ("kim", MANAGER)):
        cast.people[name] = Person.objects.create(username=name, name=name.title(), email=f"{name}@example.com")
        Membership.objects.create(person=cast.people[name], role=role)
    Account.objects.create(key="box", kind="mail", title="Box", address="complaints@example.com", policy=POLICY)
    make_way(cast.mo, Way.Kind.MAIL, "mo@example.com", is_on=False)  # off, so that carrying tells nobody by it
    world = World(cast, make_history(cast, "route", subject="A kettle"))
    world.hidden[FOREIGN] = _whole(cast, FOREIGN, 0)
    for _kind in KINDS[1:]:  # what was said in public is for all to read; of which case, is not
        said = Said(policy=POLICY, medium="X", words="It leaks", tone="negative", published_at=after(100))
        world.mentions.append(mentions.record(said, by=cast.lin, now=after(110))[0])
    incoming = Incoming(
        way=Message.Way.MAIL, external_id="one", address=canaries(CONFIDENTIAL)["email"], name="F", text="Any news?",
        subject="News", arrived_at=after(5), details={"why": "not-filed"}, original=b"",
    )  # fmt: skip
    world.letter = taking_in.take_in(Account.objects.get(), incoming, now=after(5))
    Message.objects.filter(pk=world.letter.pk).update(state=Message.State.WAITING)
    _settle(world)
    return world


def _settle(world: World) -> None:
    carry(now=after(400))
    keeping.measure(list(Case.objects.values_list("pk", flat=True)))
    summing.catch_up(now=NOW)


def hide(world: World) -> None:
    """Make one case of each kind, with whatever hangs on a case, and keep each from whom it is to be kept."""
    cast = world.cast
    for number, kind in enumerate(KINDS[1:], 1):
        case = world.hidden[kind] = _whole(cast, kind, number)
        mentions.link(world.mentions[number - 1], case)
        world.numbers += LegalHold.objects.filter(case=case).values_list("pk", flat=True)
        world.numbers += ErasureRequest.objects.filter(reference=case.reference).values_list("pk", flat=True)
        world.uuids += Mention.objects.filter(case=case).values_list("pk", flat=True)
        world.uuids += Message.objects.filter(case=case).values_list("pk", flat=True)
    _settle(world)
    _leave_unsettled(world)
    CaseLink.objects.create(member=world.hidden[LINKED], lead=world.own, seq=1, since=after(300))
    Case.objects.filter(pk=world.hidden[LINKED].pk).update(parent=world.own, parent_seq=1)
    for kind in (RECUSED, LINKED):
        for who in READERS:
            recuse(world.hidden[kind], cast.people[who], reason="亲属", now=after(500))
    keeper = access_case(cast.kim, world.hidden[CONFIDENTIAL].reference)
    confidential.confide(keeper, [], reason="举报高管", now=after(500))


def _leave_unsettled(world: World) -> None:
    """Leave in the outbox of each hidden case a message, an alert and a task that nobody tries any more, and a task."""
    way = Way.objects.get()
    for kind in KINDS[1:]:
        case = world.hidden[kind]
        out = Message.objects.filter(case=case, is_out=True)
        assert out.exists(), "it was registered, and its complainant told"
        out.update(state=Message.State.FAILED)
        notice = Notice.objects.filter(case=case).first()
        Alert.objects.create(
            way=way, notice=notice, state=Alert.State.FAILED, made_at=after(450), available_at=after(450), dedupe=kind
        )
        for attempts in (0, outbox.ATTEMPTS):
            Outbox.objects.create(
                case=case,
                kind=outbox.TELL,
                payload={"act": "route"},
                attempts=attempts,
                dedupe=f"{kind}/{attempts}",
                available_at=after(1000),
            )


def _whole(cast: Cast, kind: str, number: int) -> Case:
    file = attachments.store(BytesIO(picture_file()), name=f"ammer{kind}.png", uploaded_by="complainant", now=after(1))
    said = {**canaries(kind), "evidence": [str(file.pk)], "phone": f"1390000000{number}"}
    case = make_case(minutes=number, **said).case
    for act, minutes, data in (("register", 30, None), ("route", 40, {})):
        do(case, act, cast, "lin", minutes=minutes + number, data=GRADES if data is None else data)
    holds.hold(case, reason="诉讼 2026-7", until=None, by=cast.mo, now=after(200))
    erasure_requests.ask(case.reference, ground="asked", filed="信函 7", by=cast.lin, now=after(210))
    return case


def everything(patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield (name, route, pattern) of every address of the installation."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from everything(pattern.url_patterns, route, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name or route}", route, pattern


def of_case(case: Case, route: str, pattern: URLPattern) -> str:
    """Return the address with its holes filled by what hangs on the case."""
    duty = Duty.objects.filter(case=case).first()
    file, letter = case.attachments.first(), Letter.objects.filter(case=case).first()
    message = Message.objects.filter(case=case).first()
    known = {
        "reference": case.reference, "act": "note", "duty": duty.duty, "instance": 1, "number": 0, "kind": "pdf",
        "file": file.pk, "message": message.pk if message else UUID(int=1), "secret": "x", "answer": UUID(int=1),
    }  # fmt: skip
    known["key"] = (letter.pk if letter else 1) if "<int:key>" in route else file.pk
    return filled(route, known)


def filled(route: str, known: dict[str, Any]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda hole: str(known[hole[1]]), route)


def others(world: World, route: str) -> list[str]:
    """Return addresses that name no case, their holes filled by what belongs to hidden ones, or by what there is."""
    holes = re.findall(r"<(?:(\w+):)?(\w+)>", route)
    by_kind = {"int": world.numbers or [1], "uuid": world.uuids or [UUID(int=1)]}
    candidates = max((by_kind[kind] for kind, _name in holes if kind in by_kind), key=len, default=[None])
    plain = {"policy": POLICY, "version": "1.0.0", "ref": "3.1", "edition": "x", "role": "regulator"}
    found = []
    for value in candidates:
        known = {name: value if kind in by_kind else plain.get(name, "x") for kind, name in holes}
        found.append(filled(route, known))
    return found


@dataclass
class Asked:
    """One reader's browser and token, and what leaked to them."""

    who: str
    client: Client
    headers: dict[str, str]
    leaks: list[str] = field(default_factory=list)
    typed: str = ""
    cells: int = 0  # answers times the kinds of cases that they must not tell of

    def ask(self, method: str, path: str, data: Any = None) -> str:
        headers = self.headers if path.startswith("/api/") else {}
        answer = getattr(self.client, method)(path, data or {}, headers=headers)
        return text_of(answer)

    def check(self, world: World, label: str, path: str, told: str, *, but: str = "", typed: str = "") -> None:
        """Note every canary in an answer that the request itself did not hold."""
        # What somebody typed themselves may come back, in a message of the page after it, too.
        asked, self.typed = f"{self.typed} {path} {typed}".lower(), f"{path} {typed}"
        asked += " " + " ".join(shown(word) for word in asked.upper().split("/")).lower()
        for kind in forbidden(world, self.who):
            self.cells += 1
            of_number = needles(world.hidden[kind], kind)[:2]
            for needle in needles(world.hidden[kind], kind):
                is_allowed = kind == but and needle.startswith(tuple(of_number))
                if needle in told and needle not in asked and not is_allowed:
                    self.leaks.append(f"{self.who} {label} {path}: {kind} {needle}")


def readers_of(world: World) -> list[Asked]:
    """Return who asks: everybody, a sample on PostgreSQL, or whom the environment names."""
    who = READERS if connection.vendor == "sqlite" else SAMPLE
    return [reader(world, each) for each in (os.environ["MATRIX"].split(",") if "MATRIX" in os.environ else who)]


def text_of(answer: Any) -> str:
    """Return all that an answer says, what is packed in it unpacked."""
    content = answer.getvalue() if answer.streaming else answer.content
    said = content.decode("utf-8", errors="replace")
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            said = " ".join(packed.read(name).decode("utf-8", errors="replace") for name in packed.namelist())
    return f"{answer.status_code} {answer.headers} {said}".lower()


def reader(world: World, who: str) -> Asked:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.cast.people[who])
    _row, token = keys.issue_token(world.cast.people[who], name="t", scopes=keys.SCOPES, policy="", now=after(0))
    return Asked(who, client, {"authorization": f"Bearer {token}"})


#: What is another text each time: a policy's nonce, tokens and keys of forms, what a passkey is asked to sign, numbers
#: of patterns of charts, and the length that comes of them.
CHANGING = re.compile(
    r'name="(?:key|slip)" value="[\w-]+"|nonce[-="\w+/]*|value="[\w]{64}"|csrftoken\W+[\w]{32,64}|\b[\w-]{64}\b'
    r'|"(?:challenge|stamp)": "[\w-]+"|hatch-\d+|content-length\W+\d+|\bid_[\w-]{16}-|(?:name|data-token)="[\w-]{16}-'
)


def steady(told: str) -> str:
    """Return an answer without what is another text each time."""
    return CHANGING.sub("", told)
