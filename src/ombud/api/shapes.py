"""The bodies of requests and answers; what stands here is what the OpenAPI document says."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    StringConstraints,
    WithJsonSchema,
)

from ombud.api import times
from ombud.policy.values import LONG
from ombud.worktime.zones import known_zone

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
GivenInstant = Annotated[
    datetime, BeforeValidator(times.read), WithJsonSchema({"type": "string", "format": "date-time"})
]
Name = Annotated[StrictStr, StringConstraints(min_length=1, max_length=100)]
Language = Annotated[StrictStr, StringConstraints(max_length=16, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
LateReason = Annotated[StrictStr, StringConstraints(max_length=LONG)]


def _zone(name: str) -> str:
    if name and not known_zone(name):
        raise ValueError("no time zone is called so")
    return name


Zone = Annotated[StrictStr, AfterValidator(_zone)]
Data = dict[str, Any]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ComplaintIn(_In):
    """A complaint; `data` holds the fields of the policy's act `receive`."""

    policy: Name
    channel: Name
    language: Language = "zh"
    time_zone: Zone = Field("", description="The complainant's, as IANA names it; left out, the country's or office's")
    data: Data
    role: Name | None = Field(None, description="The role to enter it in, where the token's person holds several")
    office: Name | None = Field(None, description="The office that it came in at; left out, that of the country")
    received_at: GivenInstant | None = Field(None, description="When it arrived, with a person's token; left out, now")
    late_reason: LateReason | None = Field(None, description="Why it is entered late, where the policy asks for it")


class ActIn(_In):
    """An act; `seen` is the case's `seq` when the caller last looked at it."""

    seen: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    at: GivenInstant | None = Field(None, description="When it happened; left out, now")
    late_reason: LateReason | None = Field(None, description="Why it is entered after it happened")
    data: Data = Field(default_factory=dict, description="The act's fields")
    role: Name | None = Field(None, description="The role to act in, where the token's person holds several")


class MentionIn(_In):
    """Something said in public."""

    policy: Name
    medium: Name
    words: Annotated[StrictStr, StringConstraints(min_length=1, max_length=2000, pattern=r"\S")]
    tone: Literal["negative", "neutral", "positive"]
    published_at: GivenInstant
    link: Annotated[StrictStr, StringConstraints(max_length=1000, pattern=r"^(https?://\S+)?$")] = ""
    reach: Annotated[StrictInt, Field(ge=0, le=2_000_000_000)] | None = Field(None, description="How many it reached")
    id: Annotated[StrictStr, StringConstraints(min_length=1, max_length=200)] | None = Field(
        None, description="The key that the caller knows it by: told again, it changes nothing"
    )
    case: Name | None = Field(None, description="The reference of the case that it is about")


class MentionOut(BaseModel):
    """A mention that is kept."""

    id: str
    new: bool  # whether it was not told before


class DutyOut(BaseModel):
    """One instance of a duty, with the keys of a replay."""

    id: str
    instance: int
    title: str
    clauses: list[str]
    bearer: str
    department: str | None
    person: str | None
    acts: list[str]
    opened_at: Instant
    due_at: Instant | None
    done_at: Instant | None
    breached_at: Instant | None
    status: str
    overdue: bool
    provisional: bool


class ComplaintOut(BaseModel):
    """What is told once: the secret is kept nowhere."""

    reference: str
    secret: str | None  # None where a public key repeats a call: anybody may have the key
    phase: str
    received_at: Instant
    duties: list[DutyOut]


class RefusalOut(BaseModel):
    """One condition that does not hold, and the clauses that it comes from."""

    code: str
    message: str
    clauses: list[str]
    field: str | None = None


class ErrorOut(BaseModel):
    """One value that does not fit."""

    loc: list[str | int]
    code: str
    message: str


class ChangeOut(BaseModel):
    """One act since the caller last looked."""

    seq: int
    act: str
    occurred_at: Instant


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    refused: list[RefusalOut] | None = Field(None, description="With 409, and 422 for data: why")
    errors: list[ErrorOut] | None = Field(None, description="With 422: which values")
    seq: int | None = Field(None, description="With a stale 409: the case's last event")
    changed: list[ChangeOut] | None = Field(None, description="With a stale 409: what happened since")


class HandlerOut(BaseModel):
    """Who handles a case."""

    id: str
    name: str


class LineOut(BaseModel):
    """A case in the list."""

    reference: str
    policy: str
    procedure: str
    channel: str
    language: str
    phase: str
    grades: dict[str, str]
    department: str | None
    office: str | None
    handler: HandlerOut | None
    subject: str
    complainant: str
    received_at: Instant
    closed_at: Instant | None
    next_due_at: Instant | None
    next_duty: str | None
    overdue: bool
    seq: int


class ListOut(BaseModel):
    """One page of cases; hand `next` back as `cursor` for the page after it."""

    cases: list[LineOut]
    next: str | None


class OfferOut(BaseModel):
    """An act that the caller may perform now, or what stands in the way."""

    act: str
    title: str
    role: str
    needs: list[str]
    may: list[str]
    choice: str | None
    clauses: list[str]
    discharges: list[str]
    blocked: list[RefusalOut]


class FactsOut(BaseModel):
    """Facts as the caller may see them."""

    facts: Data
    masked: list[str] = Field(description="Names of the facts that are shown masked")
    erased: list[str] = Field(description="Names of the facts that were erased at the complainant's request")


class CaseOut(FactsOut):
    """One case."""

    reference: str
    policy: str
    version: str
    procedure: str
    channel: str
    language: str
    phase: str
    phase_title: str
    grades: dict[str, str]
    department: str | None
    office: str | None
    handler: HandlerOut | None
    received_at: Instant
    closed_at: Instant | None
    next_due_at: Instant | None
    next_duty: str | None
    seq: int = Field(description="Send it as `seen` with an act")
    acts: list[OfferOut]


class EventOut(FactsOut):
    """One event."""

    seq: int
    act: str
    title: str
    occurred_at: Instant
    recorded_at: Instant
    late_reason: str | None = Field(description="Why it was entered late; masked or erased as facts are")
    actor: str
    name: str
    on_behalf_of: str | None = Field(None, description="Who was away, where their deputy acted for them")
    role: str
    department: str | None
    clauses: list[str]
    public: bool
    duty: str | None


class EventsOut(BaseModel):
    """Everything that happened to a case, oldest first."""

    reference: str
    seq: int
    events: list[EventOut]


class DutiesOut(BaseModel):
    """Every duty that a case has or had."""

    reference: str
    seq: int
    duties: list[DutyOut]


class DoneEventOut(BaseModel):
    """One event that an act led to."""

    seq: int
    act: str
    occurred_at: Instant


class PerformedOut(BaseModel):
    """The case after an act: the events that it led to (time's and automatic ones too), and what is owed now."""

    reference: str
    seq: int
    phase: str
    grades: dict[str, str]
    department: str | None
    office: str | None
    closed_at: Instant | None
    events: list[DoneEventOut]
    duties: list[DutyOut]


class FileOut(BaseModel):
    """A file that waits 24 hours for the act that names it."""

    id: str
    sha256: str
    size: int
    type: str
