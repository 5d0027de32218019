"""What the installation tells those who watch it: logs, numbers, traces, faults. None of them names anybody."""

from __future__ import annotations

import gzip
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone

from builders import COMPLAINT, do, make_case
from cast import Cast
from ombud.api import keys
from ombud.cases.models import Case
from ombud.clock.tick import tick
from ombud.correspondence.models import Account
from ombud.project import front_answers
from ombud.project.watching import logs
from ombud.project.watching.routes import part_of

TOKEN = "a token of sixteen letters at least"
FILED = {"policy": "customer-complaints", "channel": "hotline", "language": "zh", "data": COMPLAINT}
SAID = [str(COMPLAINT[name]) for name in ("narrative", "name", "phone", "email", "subject")]


class Log:
    """What was logged while a test ran, as one of the formats writes it."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.fixture(params=[logs.Line, logs.Json])
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    log, root = Log(request.param()), logging.getLogger()
    level = root.level
    root.addHandler(log.handler)
    root.setLevel(logging.DEBUG)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(level)


def test_a_complaint_that_is_filed_acted_on_and_runs_into_faults_leaves_nobodys_words_in_the_log(
    cast: Cast, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    _row, token = keys.issue_token(cast.lin, name="a test", scopes=keys.SCOPES, now=timezone.now())
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"})
    told = client.post("/api/v1/complaints", FILED, content_type="application/json").json()
    case = Case.objects.get()

    def stumble(*_: Any, **__: Any) -> None:
        try:
            raise IntegrityError(f"DETAIL: ({COMPLAINT['email']}) is there already")
        except IntegrityError as error:
            raise ValueError(COMPLAINT["narrative"], COMPLAINT["name"], token) from error

    monkeypatch.setattr("ombud.portal.tracking.exchange", stumble)
    monkeypatch.setattr("ombud.clock.periodic.open_due", stumble)
    link = f"/track/{told['reference']}/{told['secret']}/"
    assert client.get(link, {"name": COMPLAINT["name"]}).status_code == 500
    tick(timezone.now())
    do(case, "note", cast, "lin", minutes=10**6, data={"remark": COMPLAINT["narrative"]})
    logging.getLogger("ombud").warning("of %s: %s", case.pk, ValueError(COMPLAINT["narrative"]))
    logging.getLogger("ombud").error("account 1: 550 <%s> unknown, call %s", COMPLAINT["email"], COMPLAINT["phone"])
    try:
        stumble()
    except ValueError:
        logging.getLogger("ombud").exception("task %s", 7)
    assert [said for said in (*SAID, token, told["secret"]) if said in log.text] == []
    assert "ValueError" in log.text
    assert "task 7" in log.text
    assert "test_watching.py" in log.text  # where it was
    assert "track/<reference>/<secret>/" in log.text


def test_what_only_the_machine_says_is_kept_for_whoever_mends_it() -> None:
    assert (
        logs.said(OperationalError("connection refused\n  by 10.0.0.7"))
        == "OperationalError: connection refused by 10.0.0.7"
    )
    assert logs.said(OSError(28, "No space left on device", "Wang Min.pdf")) == "OSError: No space left on device"
    assert logs.said(IntegrityError("Key (email)=(wang@example.com)")) == "IntegrityError"
    record = logging.LogRecord("ombud", logging.ERROR, "", 0, "x", None, None)
    told = json.loads(logs.Json().format(record))
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "ombud", "x")
    assert told["time"].endswith("+00:00")


def numbers(client: Client, token: str = TOKEN) -> Any:
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"})


def test_numbers_need_a_token_and_name_nobody(cast: Cast, settings: Any, django_assert_num_queries: Any) -> None:
    assert numbers(Client()).status_code == 404  # there is none
    settings.OMBUD_METRICS_TOKEN = TOKEN
    client = Client()
    assert numbers(client, "another").status_code == 401
    assert client.get("/metrics").status_code == 401
    received = make_case()
    Account.objects.create(key="wang-xiaoming", kind="mail", address="wang@example.com", failures=3)
    client.get(f"/track/{received.case.reference}/")
    client.get("/nowhere/wang@example.com/")
    front_answers.send(SimpleNamespace(headers={}, path="/"), SimpleNamespace(response_str=lambda *_: None), "busy")
    numbers(client)
    with django_assert_num_queries(11):
        told = numbers(client).content.decode()
    for line in (
        'ombud_requests_total{method="GET",route="track/<reference>/",status="302"}',
        'ombud_requests_total{method="GET",route="(unknown)",status="404"}',
        'ombud_request_seconds_bucket{le="0.5",part="portal"}',
        'ombud_requests_refused_total{kind="busy"}',
        "ombud_cases_open 1.0",
        "ombud_clock_lag_seconds",
        'ombud_outbox_waiting{kind="letter"}',
        "ombud_outbox_given_up 0.0",
        'ombud_messages_waiting{state="queued"} 0.0',
        "ombud_disk_free_bytes",
        f'ombud_account_failures{{account="{Account.objects.get().pk}",kind="mail"}} 3.0',
    ):
        assert line in told
    assert part_of(RequestFactory().get("/desk/cases/")) == "desk"
    for somebody in (received.case.reference, "wang", *SAID):
        assert somebody not in told


def test_the_processes_of_a_server_are_counted_together(settings: Any, tmp_path: Any) -> None:
    count = "from ombud.project.watching.counting import count; count('GET', '/', 'portal', 200, 0.1)"
    ask = (
        "from ombud.project.watching.counting import FOLDER; from prometheus_client import CollectorRegistry as R,"
        " generate_latest as g; from prometheus_client.multiprocess import MultiProcessCollector as C;"
        "r = R(); C(r, path=str(FOLDER)); print(g(r).decode())"
    )
    (tmp_path / "metrics" / "gone-from-here-1").mkdir(parents=True)
    given = {"OMBUD_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ombud.project.settings"}
    for code in (count, count):
        subprocess.run([sys.executable, "-c", code], env=given, check=True)
    told = subprocess.run([sys.executable, "-c", ask], env=given, check=True, capture_output=True, text=True).stdout
    assert 'ombud_requests_total{method="GET",route="/",status="200"} 2.0' in told
    assert len(list((tmp_path / "metrics").iterdir())) == 1  # what an older server left is gone


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A server that takes whatever is sent to it: its address, and what came."""
    came: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            came.append((self.path, gzip.decompress(body) if packed else body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()


def test_a_trace_is_one_span_with_a_route(cast: Cast, settings: Any, collector: Any) -> None:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    from ombud.project.watching import tracing

    address, came = collector
    settings.OMBUD_OTLP = address
    received = make_case()
    caller = "0af7651916cd43dd8448eb211c80319c"
    traced = {"traceparent": f"00-{caller}-b7ad6b7169203331-01"}
    Client().get(f"/track/{received.case.reference}/", {"name": "王小明"}, headers=traced)
    tracing.provider().shutdown()  # sends what it has
    tracing.provider.cache_clear()
    [(path, body)] = came
    assert path == "/v1/traces"
    read = ExportTraceServiceRequest.FromString(body)
    [span] = read.resource_spans[0].scope_spans[0].spans
    assert span.name == "GET track/<reference>/"
    assert span.trace_id.hex() == caller
    assert {each.key for each in span.attributes} == {"http.request.method", "http.route", "http.response.status_code"}
    assert {each.key for each in read.resource_spans[0].resource.attributes} == {"service.name", "service.version"}
    assert received.case.reference.encode() not in body


def test_a_fault_is_told_by_kind_and_place_alone(collector: Any) -> None:
    import sentry_sdk

    from ombud.project.watching import faults

    address, came = collector
    faults.begin(address.replace("://", "://key@") + "/1")
    try:
        raise ValueError(COMPLAINT["narrative"])
    except ValueError as error:
        narrative = COMPLAINT["narrative"]
        request = RequestFactory().get("/track/", {"q": narrative})
        logging.getLogger("ombud").error(
            "of %s: %s", 7, error, exc_info=True, extra={"name_of": narrative, "r": request}
        )
    logging.getLogger("ombud").warning("of %s", narrative)
    sentry_sdk.get_client().close(timeout=5)
    sentry_sdk.init(default_integrations=False, auto_enabling_integrations=False)  # nothing is told from here on
    events = [json.loads(line) for _path, body in came for line in body.splitlines() if b'"exception"' in line]
    [event] = events
    [fault] = event["exception"]["values"]
    assert (fault["type"], fault["value"]) == ("ValueError", "")
    assert fault["stacktrace"]["frames"][-1]["function"] == "test_a_fault_is_told_by_kind_and_place_alone"
    assert event["logentry"]["message"] == "of 7: ValueError"
    everything = b"".join(body for _path, body in came).decode()
    assert narrative not in everything
    assert not {"request", "user", "extra", "server_name", "modules", "breadcrumbs"} & set(event)
