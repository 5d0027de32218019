"""What every test shares: keys that are no secret, an event log that tests may empty, the policy and its people."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.client import ClientHandler
from hypothesis import settings
from pytest_django.fixtures import validate_django_db
from pytest_django.plugin import blocking_manager_key
from whitenoise.middleware import WhiteNoiseMiddleware

from beginnings import Beginnings
from cast import Cast
from regional import Regional

COMMITTING = {"transactional_db", "django_db_reset_sequences", "live_server"}  # fixtures of pytest-django


def asks_database(item: pytest.Item) -> bool:
    """Return whether pytest-django lets a test ask the database; it refuses all others."""
    needed = {"db", *COMMITTING}
    return item.get_closest_marker("django_db") is not None or bool(needed & set(getattr(item, "fixturenames", ())))


def commits(item: pytest.Item) -> bool:
    """Return whether a test commits what it writes, so that all tables are emptied after it."""
    marker = item.get_closest_marker("django_db")
    is_said = marker is not None and any(validate_django_db(marker)[:2])
    return is_said or bool(COMMITTING & set(getattr(item, "fixturenames", ())))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what asks no database: `.ci/run` tries that in one of its two runs only.

    Whole processes that tests start have an embedded database of their own in either run.
    """
    for item in items:
        if not asks_database(item) and item.get_closest_marker("either_database") is None:
            item.add_marker(pytest.mark.no_database)


settings.register_profile("unhurried", settings(deadline=None))  # how fast a machine is makes nothing wrong
settings.load_profile("unhurried")
gc.disable()  # what collecting tests makes is kept: looking for rubbish in it took a fifth of that


def pytest_collection_finish() -> None:
    """Leave what every test stands on out of garbage collection: going through it each time took a fifth of a run.

    What tests themselves make is still collected, old things less often: few of them hang in circles.
    """
    gc.enable()
    gc.set_threshold(5_000, 20, 50)
    _collect()


def _collect() -> None:
    """Free what hangs in circles, and go through what is left no more."""
    gc.collect()
    gc.freeze()


_ENDED = count(1)


def pytest_runtest_logfinish() -> None:
    """Collect what hundred tests left behind: a run held two gigabytes at its end, and went through them five times."""
    if next(_ENDED) % 100 == 0:
        _collect()


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Every client of a test makes its middleware anew, and WhiteNoise then looks at every file that we serve."""
    looking, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add(self: Any) -> None:
        if found:
            self.files.update(found)
        else:
            looking(self)
            found.update(self.files)

    WhiteNoiseMiddleware.add_files_from_finders = add
    yield
    WhiteNoiseMiddleware.add_files_from_finders = looking


def forget() -> None:
    """Forget what was learnt of the database."""
    from ombud.cases.access import assignees
    from ombud.organisation import library
    from ombud.privacy import blind, keys

    assignees.forget()
    library.forget()
    blind.forget()
    keys.forget()


def store_usual() -> Cast:
    """Publish the policy customer-complaints, and return its people."""
    from builders import publish_policy
    from cast import make_cast

    forget()
    publish_policy()
    return make_cast()


def store_regional() -> Regional:
    """Publish the policy regions, and return its people."""
    from regional import make_regional, publish_regions

    forget()
    publish_regions()
    return make_regional()


BEGINNINGS = Beginnings(cast_to_begin_with=store_usual, regional_to_begin_with=store_regional)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let nothing stand before a test that commits and its fixtures: that of a browser has a connection of its own."""
    if commits(item):
        with item.config.stash[blocking_manager_key].unblock():
            BEGINNINGS.leave()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Iterator[Any]:
    """Before pytest-django opens the transaction of a test, let stand what the test begins with."""
    if fixturedef.argname == "_django_db_helper" and not commits(request.node):
        with request.config.stash[blocking_manager_key].unblock():
            BEGINNINGS.let_stand(request.fixturenames)
    return (yield)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the flush after a transactional test empty the log that triggers keep, and the index that no model knows.

    Only tables that hold rows are emptied: truncating every table takes PostgreSQL seconds. Who points to whom does not
    matter, foreign keys are looked at when the transaction ends. What Django would write anew afterwards stays.
    """
    from ombud.cases.models import append_only

    written_anew = {"django_content_type", "auth_permission"}

    ops = type(connection.ops)
    named, emptied = ops.sql_flush, ops.execute_sql_flush

    def sql_flush(self: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
        quoted = [self.quote_name(table) for table in [*{*tables} - written_anew, "cases_search"]]
        with connection.cursor() as cursor:
            filled = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in quoted)
            cursor.execute(" UNION ALL ".join(filled))
            return [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]

    def flush(self: Any, sql_list: list[str]) -> None:
        kept = any(f'"{table}"' in sql for sql in sql_list for table in append_only.TABLES)
        if kept:
            append_only.remove(connection)
        emptied(self, sql_list)
        if kept:
            append_only.install(connection)

    ops.sql_flush, ops.execute_sql_flush = sql_flush, flush  # type: ignore[method-assign]  # Django has no seam for this
    yield
    with django_db_blocker.unblock():
        BEGINNINGS.leave()
    ops.sql_flush, ops.execute_sql_flush = named, emptied  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _forget(request: pytest.FixtureRequest) -> None:
    """Every database begins anew, so nothing learnt from the last one may be kept."""
    if asks_database(request.node):
        forget()


@pytest.fixture(autouse=True)
def _close_streams(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what was streamed to a test and not read to its end: its open file would be held against a later test."""
    streamed: list[Any] = []
    asked = ClientHandler.get_response

    def get_response(self: ClientHandler, request: Any) -> Any:
        response = asked(self, request)
        if response.streaming:
            streamed.append(response)
        return response

    monkeypatch.setattr(ClientHandler, "get_response", get_response)
    yield
    for response in streamed:
        for close in response._resource_closers:  # not close(), which would also end the request, after its database
            close()


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """Store attachments in a folder of the test's own."""
    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = storages
    return tmp_path / "media"


@pytest.fixture
def cast_to_begin_with(db: None) -> Cast:
    """What `cast` gives; a name of its own, as some tests have another cast."""
    cast: Cast = BEGINNINGS.give("cast_to_begin_with")
    return cast


@pytest.fixture
def cast(cast_to_begin_with: Cast) -> Cast:
    """The policy customer-complaints, published, and its people."""
    return cast_to_begin_with


@pytest.fixture
def regional_to_begin_with(db: None) -> Regional:
    """What `regional` gives."""
    regional: Regional = BEGINNINGS.give("regional_to_begin_with")
    return regional


@pytest.fixture
def regional(regional_to_begin_with: Regional) -> Regional:
    """The policy regions, published, and its people."""
    return regional_to_begin_with
