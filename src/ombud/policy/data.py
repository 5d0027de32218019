"""The fields of a case: their types, choices, domains and whether they are personal."""

from __future__ import annotations

from ombud.policy.mapping_reader import MappingReader, capital, ids, read_text
from ombud.policy.model.source import Place
from ombud.policy.model.values import Beyond, Field, FieldType, Kind
from ombud.policy.source import Entries, Items, Node, Scalar
from ombud.policy.symbol_table import SymbolTable
from ombud.policy.values import NUMBERS, interval
from ombud.policy.vocabulary import BEHALF, CHANNEL, DEPARTMENT, HANDLER, LANGUAGE, LATE_REASON, OFFICE, REASON
from ombud.texts import Text, same

KEYS = ("type", "title", "help", "of", "domain", "personal", "anew", "beyond", "cite")
BEYOND_KEYS = ("amount", "of")
TYPES = tuple(str(type) for type in FieldType)
# Free words and the names of files are personal unless the pack says that they are not.
PERSONAL = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.FILES})
TIMES = frozenset({FieldType.DATE, FieldType.INSTANT})
CAUSES = "causes"  # the `of` of a choice whose values are the tree of causes
PAST = "past"  # the `domain` of a time that has passed when it is told
RESERVED_FACTS = {
    DEPARTMENT: "the case's department",
    OFFICE: "the case's office",
    HANDLER: "the case's handler",
}


def read_fields(node: Node | None, scope: SymbolTable) -> dict[str, Field]:
    """Return the declared fields; `scope.departments` and `scope.channels` give choices."""
    fields: dict[str, Field] = {}
    for id, value in ids(node, scope.problems, '"data"') if node else ():
        if id in RESERVED_FACTS:
            scope.problems.add(
                value.place,
                f'"{id}" is reserved for {RESERVED_FACTS[id]}, which only the "sets" of an act may write. '
                "Choose another id.",
            )
            continue
        if id == LATE_REASON:
            scope.problems.add(
                value.place, f'"{id}" is reserved: every act that is entered late takes it. Choose another id.'
            )
            continue
        if id == BEHALF:
            scope.problems.add(
                value.place, f'"{id}" is reserved: what a deputy does says so for whom. Choose another id.'
            )
            continue
        fields[id] = _field(id, value, scope)
    _check_amounts(fields, scope)
    return fields


def _check_amounts(fields: dict[str, Field], scope: SymbolTable) -> None:
    money = [id for id, field in fields.items() if field.type is FieldType.MONEY]
    for id, field in fields.items():
        if field.beyond is not None and field.beyond.amount not in money:
            scope.problems.unknown(field.at, f'amount in "beyond" of field "{id}"', field.beyond.amount, money)


def _field(id: str, node: Node, scope: SymbolTable) -> Field:
    form = MappingReader(node, scope.problems, f'field "{id}"', KEYS)
    type, item = _type(form)
    of = _choices(form, scope)
    holds_choices = FieldType.CHOICE in (type, item)
    if holds_choices and not of and id != CHANNEL and not _is_tree(form):
        form.missing("of", ": the values to choose from")
    if of and not holds_choices:
        scope.problems.add(
            form.at("of"), f'{capital(form.what)} is a {type}, so it has no "of". Make it a choice or remove it.'
        )
    domain, is_past = _domain(form, type, scope)
    return Field(
        id=id,
        type=type,
        title=form.title(id),
        help=form.text("help"),
        of=of,
        item=item,
        domain=domain,
        is_personal=form.flag("personal", (item or type) in PERSONAL),
        is_past=is_past,
        is_anew=form.flag("anew", id == REASON),
        beyond=_beyond(form, type, scope),
        cite=scope.cite(form),
        at=form.place,
    )


def _beyond(form: MappingReader, type: FieldType, scope: SymbolTable) -> Beyond | None:
    node = form.get("beyond")
    if node is None:
        return None
    if type is not FieldType.BOOL:
        scope.problems.add(
            node.place, f'{capital(form.what)} is of type {type}; only a bool can be "beyond" an amount.'
        )
        return None
    inner = MappingReader(node, scope.problems, f'"beyond" of {form.what}', BEYOND_KEYS)
    inner.require("amount", ": a money field")
    return Beyond(amount=inner.word("amount"), role=inner.name("of", "role of our own", scope.internal_roles))


def _domain(form: MappingReader, type: FieldType, scope: SymbolTable) -> tuple[str | None, bool]:
    """Return which numbers are possible, and whether a time must lie in the past."""
    written = form.word("domain") or None
    if written is None or form.word("type").replace(" ", "_") not in TYPES:
        return None, False  # without a type nothing can be said of it
    at = form.at("domain")
    if type in TIMES:
        if written != PAST:
            scope.problems.add(at, f'In {form.what}: the "domain" of a {type} can only be "{PAST}".')
        return None, written == PAST
    if type not in NUMBERS:
        scope.problems.add(
            at, f'{capital(form.what)} is a {type}; only numbers and money, dates and instants have a "domain".'
        )
        return None, False
    try:
        interval(written)
    except ValueError as error:
        scope.problems.add(at, f"In {form.what}: {error}.")
        return None, False
    return written, False


def _type(form: MappingReader) -> tuple[FieldType, FieldType | None]:
    form.require("type")
    written = form.word("type", "text").replace(" ", "_")
    if written.startswith("list_of_"):
        item = written.removeprefix("list_of_")
        if item in TYPES and item not in ("list", "files"):
            return FieldType.LIST, FieldType(item)
    if written in TYPES and written != "list":
        return FieldType(written), None
    form.problems.unknown(
        form.at("type"),
        f"type of {form.what}",
        form.word("type"),
        [*(type for type in TYPES if type != "list"), "list of ..."],
    )
    return FieldType.TEXT, None


def _is_tree(form: MappingReader) -> bool:
    node = form.get("of")
    return isinstance(node, Scalar) and node.text == CAUSES


def _choices(form: MappingReader, scope: SymbolTable) -> dict[str, Text]:
    node = form.get("of")
    if _is_tree(form):
        if not scope.causes:
            form.problems.add(
                form.at("of"), f'{capital(form.what)} is "of: causes", but the pack has no "causes". Add them.'
            )
        return dict(scope.causes)
    if isinstance(node, Entries):
        return {
            key: read_text(entry.value, form.problems, f'"{key}" of {form.what}') for key, entry in node.entries.items()
        }
    if isinstance(node, Items):
        return {scalar.text: same(scalar.text.replace("_", " ")) for scalar in form.scalars("of")}
    if node is not None:
        form.problems.add(
            node.place,
            f'"of" of {form.what} must be a list of values, a mapping from values to titles, or the word causes.',
        )
    return {}


def reserved_fields(fields: dict[str, Field], channels: dict[str, Text], at: Place) -> dict[str, Field]:
    """Return the fields with `channel` and `language`, which every case has."""
    declared = fields.get(CHANNEL)
    channel = Field(
        id=CHANNEL,
        type=FieldType.CHOICE,
        title=declared.title if declared else {"zh": CHANNEL, "en": "Channel"},
        of=channels,
        cite=declared.cite if declared else (),
        at=declared.at if declared else at,
    )
    language = Field(id=LANGUAGE, type=FieldType.LANGUAGE, title={"zh": LANGUAGE, "en": "Language"}, at=at)
    return {LANGUAGE: language, **fields, CHANNEL: channel}


def reserved_kinds(departments: tuple[str, ...], offices: tuple[str, ...]) -> dict[str, Kind]:
    kinds = {DEPARTMENT: Kind(FieldType.DEPARTMENT, departments), HANDLER: Kind(FieldType.PERSON)}
    return {**kinds, OFFICE: Kind(FieldType.CHOICE, offices)} if offices else kinds
