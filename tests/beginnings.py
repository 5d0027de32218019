"""What many tests begin with, stored once for all that follow each other; each of them changes it in a savepoint.

Publishing a policy and hiring its people took as long as most of what is then asked of them: on PostgreSQL twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import deepcopy
from typing import Any

from django.db import connection, transaction


class Standing:
    """One beginning, stored in a transaction that is never committed."""

    def __init__(self, name: str, store: Callable[[], Any]) -> None:
        self.name = name
        self._around = transaction.atomic()
        self._around.__enter__()
        self._stored = store()

    def copy(self) -> Any:
        """Return what was stored, for one test to change."""
        return deepcopy(self._stored)

    def is_whole(self) -> bool:
        """Return whether the test before left the transaction as it was."""
        return connection.in_atomic_block and not connection.needs_rollback

    def leave(self) -> None:
        """Take it out of the database."""
        transaction.set_rollback(True)
        self._around.__exit__(None, None, None)


class Beginnings:
    """What stores each beginning, by the fixture that gives it, and the one that stands."""

    def __init__(self, **stores: Callable[[], Any]) -> None:
        self._stores = stores
        self._standing: Standing | None = None

    def let_stand(self, fixtures: Collection[str]) -> None:
        """Before the transaction of a test: let stand what its fixtures begin with, and nothing else."""
        name = next((each for each in self._stores if each in fixtures), None)
        if self._standing is not None and (self._standing.name != name or not self._standing.is_whole()):
            self.leave()
        if name is not None and self._standing is None:
            self._standing = Standing(name, self._stores[name])

    def give(self, name: str) -> Any:
        """Return a copy of what stands; where that is something else, store it for this test alone."""
        if self._standing is not None and self._standing.name == name:
            return self._standing.copy()
        return self._stores[name]()

    def leave(self) -> None:
        """Let nothing stand."""
        if self._standing is not None:
            self._standing.leave()
            self._standing = None
