"""A local HTTP server in place of a chat provider's: it notes what was sent and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

OK = (200, '{"errcode": 0, "errmsg": "ok"}', {})


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived."""

    target: str
    content: Any


@dataclass
class StandIn:
    """Answers what `answers` holds, in order; when it is used up, the last one again."""

    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=lambda: [OK])
    calls: list[Call] = field(default_factory=list)
    picture: bytes = b""  # for whoever asks without saying anything
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body, headers = stand_in.answers[min(len(stand_in.calls), len(stand_in.answers) - 1)]
                stand_in.calls.append(Call(self.path, content))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def do_GET(self) -> None:
                stand_in.calls.append(Call(self.path, dict(self.headers)))
                self.send_response(200)
                self.send_header("Content-Length", str(len(stand_in.picture)))
                self.end_headers()
                self.wfile.write(stand_in.picture)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"
