"""Amounts that a policy and its promise limits let nobody grant: found before somebody needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ombud.organisation.ceiling_tables import Entry, Table, covers, entry_for, worth
from ombud.policy.model.acts import Act
from ombud.policy.model.approvals import Stage
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import Procedure
from ombud.policy.model.values import Field
from ombud.policy.vocabulary import STAFF

_A_LITTLE = Decimal("0.01")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Amounts above `above`, up to `upto` (None = and all that are more), that nobody may grant."""

    amount: str  # the field
    act: str
    speaker: str  # the role that would promise it
    department: str  # empty: of any
    consent: str  # the role that would give the last consent; empty: none is asked for
    above: Decimal
    upto: Decimal | None
    currency: str


def promising(pack: Pack) -> Iterator[tuple[Procedure, Act, str, list[Field]]]:
    """Yield each act that may promise an amount: its procedure, itself, the amount and what is asked of it."""
    for procedure in pack.procedures.values():
        for act in procedure.acts.values():
            taken = [pack.fields[name] for name in (*act.needs, *act.may) if name in pack.fields]
            asked = [field for field in taken if field.beyond is not None]
            for amount in dict.fromkeys(field.beyond.amount for field in asked if field.beyond):
                yield (
                    procedure,
                    act,
                    amount,
                    [field for field in asked if field.beyond and field.beyond.amount == amount],
                )


def subjects(pack: Pack) -> list[str]:
    """Return the roles whose limits matter under a policy: those that promise amounts, and those that consent."""
    found: list[str] = []
    for procedure, act, _amount, asked in promising(pack):
        found += speakers(pack, act)
        found += [stage.role for stage in _stages(procedure, act)]
        found += [field.beyond.role for field in asked if field.beyond and field.beyond.role]
    return list(dict.fromkeys(found))


def speakers(pack: Pack, act: Act) -> list[str]:
    """Return the roles of our own that perform an act."""
    inside = [role for role, known in pack.roles.items() if not known.is_external]
    return inside if STAFF in act.by else [role for role in act.by if role in inside]


def gaps(pack: Pack, table: Table, holdings: Mapping[str, Iterable[int]], *, on: date) -> list[Gap]:
    """Return what nobody may grant; `holdings` are the people who hold each role.

    A stage counts where it is always asked for, or because of the amount: what else may lead to it is not leant on.
    """
    found: list[Gap] = []
    tried = _tried(table, pack.currency, on)
    places = ["", *sorted({entry.department for entry in table if entry.department})]
    for procedure, act, amount, asked in promising(pack):
        stages = _stages(procedure, act)
        for speaker in speakers(pack, act):
            for place in places:
                case = _Case(pack=pack, table=table, holdings=holdings, place=place, on=on)
                open_: tuple[Decimal, str] | None = None
                for below, value in tried:
                    consent = case.missing(speaker, stages, asked, value)
                    if open_ is not None and consent != open_[1]:
                        found.append(_gap(pack, amount, act, speaker, place, open_, below))
                        open_ = None
                    if consent is not None and open_ is None:
                        open_ = (below, consent)
                if open_ is not None:
                    found.append(_gap(pack, amount, act, speaker, place, open_, None))
    everywhere = {
        (each.act, each.speaker, each.consent, each.above, each.upto) for each in found if not each.department
    }
    return [
        each
        for each in found
        if not each.department or (each.act, each.speaker, each.consent, each.above, each.upto) not in everywhere
    ]


def _gap(
    pack: Pack, amount: str, act: Act, speaker: str, place: str, open_: tuple[Decimal, str], upto: Decimal | None
) -> Gap:
    return Gap(
        amount=amount, act=act.id, speaker=speaker, department=place, consent=open_[1], above=open_[0], upto=upto,
        currency=pack.currency,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """One department in which amounts are tried."""

    pack: Pack
    table: Table
    holdings: Mapping[str, Iterable[int]]
    place: str
    on: date

    def missing(self, speaker: str, stages: list[Stage], asked: list[Field], value: dict[str, Any]) -> str | None:
        """Return the role whose consent would be the last one and does not suffice; None where it is granted."""
        beyond = {
            field.id
            for field in asked
            if field.beyond and not self._may(field.beyond.role or speaker, value, is_anybody=bool(field.beyond.role))
        }
        due = [stage for stage in stages if stage.where is None or beyond & stage.where.names]
        if not due:
            return None if self._may(speaker, value, is_anybody=False) else ""
        return None if self._may(due[-1].role, value, is_anybody=True) else due[-1].role

    def _may(self, role: str, value: dict[str, Any], *, is_anybody: bool) -> bool:
        """Return whether the role may promise it, or somebody by name who holds it."""
        asked = [entry_for(self.table, role, self.place)]
        if is_anybody and (people := list(self.holdings.get(role, ()))):
            asked = [entry_for(self.table, role, self.place, each) for each in people]
        return any(covers([each], value, self.pack.currency, on=self.on) for each in asked)


def _stages(procedure: Procedure, act: Act) -> list[Stage]:
    return [stage for chain in procedure.chains.values() if chain.starts == act.id for stage in chain.stages]


def _tried(table: Table, currency: str, on: date) -> list[tuple[Decimal, dict[str, Any]]]:
    """Return an amount of each kind: just more than nothing, and than each limit; with that limit."""
    bounds = {Decimal(0), *(bound for entry in table if (bound := _bound(entry, currency, on)) is not None)}
    return [(bound, {"amount": str(bound + _A_LITTLE), "currency": currency}) for bound in sorted(bounds)]


def _bound(entry: Entry, currency: str, on: date) -> Decimal | None:
    return None if entry.amount is None else worth(entry, currency, on=on)
