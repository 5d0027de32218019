"""How letters fit to the rest of a pack: who signs, edits and approves them."""

from __future__ import annotations

from ombud.policy.event_names import EventName
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.symbol_table import SymbolTable


def check_documents(pack: Pack, scope: SymbolTable) -> None:
    """Add what does not fit to the scope's problems."""
    _check_signed(pack, scope)
    _check_edited(pack, scope)
    _check_enclosed(pack, scope)


def _check_signed(pack: Pack, scope: SymbolTable) -> None:
    for document in pack.documents.values():
        act = pack.main.acts.get(document.signed) if document.signed else None
        if act is None:
            continue
        fields = [pack.fields[name] for name in (*act.needs, *act.may) if name in pack.fields]
        if not any(field.type is FieldType.FILES for field in fields):
            scope.problems.add(
                document.at,
                f'The signed copy of document "{document.id}" comes back by "{act.id}", which takes no files. '
                'Give that act a field of type "files", or name another one.',
            )


def _check_enclosed(pack: Pack, scope: SymbolTable) -> None:
    for document in pack.documents.values():
        field = pack.fields.get(document.encloses) if document.encloses else None
        if field is not None and field.type is not FieldType.FILES:
            scope.problems.add(
                document.at,
                f'Document "{document.id}" encloses "{field.id}", which holds no files. Name a field of type "files".',
            )


def _check_edited(pack: Pack, scope: SymbolTable) -> None:
    """A draft goes to somebody outside, and who is to approve it must be told, or the case is not there for them."""
    for document in pack.documents.values():
        what = f'Document "{document.id}"'
        if document.is_edited and document.to in pack.roles and not pack.roles[document.to].is_external:
            scope.problems.add(
                document.at,
                f'{what} is edited before it goes to "{document.to}". Only letters to the complainant or a role '
                'outside are. Remove "edit".',
            )
        if document.approve is None:
            continue
        if not document.is_edited:
            scope.problems.add(
                document.at,
                f'{what} is approved by "{document.approve}", but goes out at once. Add "edit: true", or remove '
                '"approve".',
            )
        for event in document.after:
            act = pack.main.acts.get(EventName.of(event).head)
            if act is not None and document.approve not in act.tells:
                scope.problems.add(
                    document.at,
                    f'{what} is approved by "{document.approve}", who is not told of "{act.id}" and so may not see '
                    f'the case. Add {document.approve} to the "tells" of "{act.id}".',
                )
