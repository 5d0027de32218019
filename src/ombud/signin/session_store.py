"""Sessions in the database, as Django keeps them; each row also says whose it is, so that it can be ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as Store
from django.utils import timezone

from ombud.signin.models import Session

BEGAN, BROWSER = "began", "browser"  # of the session: epoch seconds, and what the browser calls itself
SEEN_EVERY = timedelta(minutes=5)


class SessionStore(Store):
    """A session that knows whose it is."""

    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        """Return the row of what is to be kept."""
        row = super().create_model_instance(dict(data))
        assert isinstance(row, Session), "the class that is named above"
        if SESSION_KEY in data:
            row.person_id = int(data[SESSION_KEY])
            began = data.get(BEGAN)
            row.began_at = datetime.fromtimestamp(began, UTC) if began else None
            row.browser = data.get(BROWSER, "")
            row.seen_at = self.seen_at or timezone.now()  # who tidies a session is not who sits there
        return row

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # the stubs do not know it
        self.seen_at = row.seen_at if row is not None else None
        return row

    def see(self, *, now: datetime) -> None:
        """Note that somebody is there, now and then; in no way that could undo what another request keeps."""
        if self.seen_at is not None and self.seen_at <= now - SEEN_EVERY:
            Session.objects.filter(session_key=self.session_key).update(seen_at=now)
            self.seen_at = now
