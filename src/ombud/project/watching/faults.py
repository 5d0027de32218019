"""Faults to a service that speaks Sentry's language: kind and place of what was logged as an error, nothing else."""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from ombud.project.watching import logs

_KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk", "fingerprint")


def begin(dsn: str) -> None:
    """Send what is logged as an error from now on, and nothing beside: no request, person, value or machine."""
    sentry_sdk.init(
        dsn,
        release=f"ombud@{version('ombud')}",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None)],
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        max_request_body_size="never",
        server_name="ombud",
        before_send=struck,
        traces_sample_rate=None,
    )


def struck(event: Any, hint: dict[str, Any]) -> Any:
    """Return the event as our own log tells it; what else the library found out is left behind."""
    told: dict[str, Any] = {key: event[key] for key in _KEPT if key in event}
    record = hint.get("log_record")
    if isinstance(record, logging.LogRecord):
        told["logentry"] = {"message": logs.message(record)}
    error = (hint.get("exc_info") or (None, None, None))[1]
    if error is not None:
        # What came first stands first.
        told["exception"] = {"values": [_fault(each) for each in reversed(list(logs.faults(error)))]}
    return told


def _fault(fault: dict[str, Any]) -> dict[str, Any]:
    kind, _, said = fault["fault"].partition(": ")
    frames = []
    for place in fault["where"]:
        at, _, function = place.rpartition(" ")
        file, _, line = at.rpartition(":")
        frames.append({"filename": file, "lineno": int(line), "function": function, "in_app": "ombud/" in file})
    return {"type": kind, "value": said, "stacktrace": {"frames": frames}}
