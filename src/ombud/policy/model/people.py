"""Who works under a policy, where, and by which ways complaints come in."""

from __future__ import annotations

from dataclasses import dataclass, field

from ombud.policy.model.source import Place
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """The hours of each day in which rungs that only tell a role wait."""

    windows: tuple[tuple[int, int], ...]  # minutes of the local day, in order; none = told at any hour, on purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    id: str
    title: Text
    boss: str | None = None
    of: str = "organisation"  # organisation, department, office, handler
    department: str | None = None  # the one department that holds the role, if the pack says so
    is_external: bool = False
    quiet: Quiet | None = None
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Department:
    id: str
    title: Text
    calendar: str | None = None
    is_service: bool = False  # the service department sees all cases of the policy
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    id: str
    title: Text
    calendar: str | None = None
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    place: str | None = None  # where it is, in words that no one computes with
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class FormStep:
    """One screen of a filing form."""

    title: Text
    fields: tuple[str, ...]
    one_of: tuple[str, ...] = ()  # of these at least one must be given, such as a way to reach the complainant


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    id: str
    title: Text
    told_as: Text = field(default_factory=dict)  # what complainants read it as; empty = the title
    reach: str = ""  # number, address or name under which complainants find it
    kind: str  # phone, web, store, social, email, ...
    hours: str | None = None  # calendar of its staffed hours
    is_portal: bool = False  # complainants may file through it themselves
    is_anonymous: bool = False  # a complaint by it may name nobody
    form: tuple[FormStep, ...] = ()
    cite: tuple[str, ...] = ()
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseDuty:
    """The matter that the clock opens for each person who owes a course, in every period."""

    procedure: str
    person: str  # the field that takes whose it is
    until: str  # the field that takes the last day of the period
    attended: str  # the act that the clock performs once they took part
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What people are trained in; each holder of its roles owes it once in every period."""

    id: str
    title: Text
    contents: Text = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    every: str | None = None  # month, quarter, half-year, year; None: nobody owes it
    procedure: str | None = None  # the matter in which it is organised, at which who owes it is reminded
    each: CourseDuty | None = None  # a duty of each person's own
    cite: tuple[str, ...]
    at: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Exam:
    """What must be passed before certain acts, or before being given a case."""

    id: str
    title: Text
    cite: tuple[str, ...]
    at: Place
