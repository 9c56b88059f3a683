"""An endpoint that answers every AWS call at once: nothing is stored, and secrets have the form they should."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_EMPTY: dict[str, dict[str, Any]] = {
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "Scan": {"Items": [], "Count": 0, "ScannedCount": 0},
}
SESSION_SECRET = {"current": "s1", "s1": "s" * 64}
_SECRETS = {
    "session_keys": SESSION_SECRET,
    "order_hash_key": {"key_id": "k1", "key": "k" * 64},
    "platform_credentials": {},
}


def _answer(operation: str, request: bytes) -> dict[str, Any]:
    if operation != "GetSecretValue":
        return _EMPTY.get(operation, {})
    secret_id = json.loads(request)["SecretId"]
    secret = next(content for name, content in _SECRETS.items() if name in secret_id)
    return {"SecretString": json.dumps(secret)}


class _Empty(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = (
        -1
    )  # head and body in one packet: in two, the second waits 40 ms for an acknowledgement

    def do_POST(self) -> None:
        request = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        body = json.dumps(_answer(operation, request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: the table is the output."""


@contextmanager
def stub_endpoint() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
