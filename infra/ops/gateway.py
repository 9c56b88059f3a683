"""The one address of a local deployment: `/sandbox/…` goes to the sandbox, everything else to the deployed HTTP API.

Where the engine answers otherwise than API Gateway would, this sets it right: a function's crash is a plain 500 (the
engine shows the exception's text), a body above 10 MB is 413, and nothing but the API and the sandbox can be reached.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import cast

import urllib3
from urllib3.exceptions import HTTPError

_LOG = logging.getLogger(__name__)
_MAX_BODY_BYTES = 10 * 1024 * 1024  # API Gateway's quota for an HTTP API's payload
_MAX_CHUNK_LINE_BYTES = 1_024
_TIMEOUT = urllib3.Timeout(connect=5.0, read=30.0)  # an HTTP API waits 30 s for its function
_NOT_PASSED_ON = frozenset(
    (
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_DOT_SEGMENT = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def plain_answer(status: int, message: str) -> Answer:
    """What API Gateway itself says, in its own form."""
    body = b'{"message":"%s"}' % message.encode()
    return Answer(status=status, headers=(("Content-Type", "application/json"),), body=body)


def as_api_gateway(answer: Answer) -> Answer:
    """The engine's 502 carries the text of a function's exception; on AWS nobody outside sees it."""
    return plain_answer(500, "Internal Server Error") if answer.status == 502 else answer


class Gateway:
    """Guarantees: after `start` the port answers; after `stop` it is free. `stop` may be repeated."""

    def __init__(self, port: int, *, api_url: str, sandbox_url: str) -> None:
        """`api_url` is what stands before the path (`…/$default`); `sandbox_url` what stands before `/sandbox`."""
        self._address = ("127.0.0.1", port)
        self._upstreams = _Upstreams(api_url=api_url, sandbox_url=sandbox_url)
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        host, port = self._http.server_address[:2] if self._http else self._address
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Raises OSError where the port is taken."""
        self._http = _HttpServer(self._address, self._upstreams)
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="gateway",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        http, thread, self._http, self._thread = self._http, self._thread, None, None
        if http is not None and thread is not None:
            http.shutdown()
            thread.join()
            http.server_close()


class _Upstreams:
    def __init__(self, *, api_url: str, sandbox_url: str) -> None:
        self._api_url = api_url
        self._sandbox_url = sandbox_url
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=64, block=False)

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        """None where the sandbox hung up: the client is to see exactly that."""
        path = target.partition("?")[0]
        if not target.startswith("/") or _DOT_SEGMENT.search(path):
            return plain_answer(404, "Not Found")
        is_sandbox = path == "/sandbox" or path.startswith("/sandbox/")
        if not is_sandbox and len(body) > _MAX_BODY_BYTES:
            return plain_answer(413, "Request Entity Too Large")
        url = (self._sandbox_url if is_sandbox else self._api_url) + target
        try:
            answer = self._forwarded(method, url, headers, body)
        except HTTPError as error:
            _LOG.warning("%s %s got no answer: %s", method, path, type(error).__name__)
            return None if is_sandbox else plain_answer(503, "Service Unavailable")
        return answer if is_sandbox else as_api_gateway(answer)

    def _forwarded(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        response = self._pool.request(
            method,
            url,
            body=body or None,
            headers=headers,
            timeout=_TIMEOUT,
            retries=False,
            redirect=False,
            decode_content=False,
        )
        kept = tuple(
            (name, value)
            for name, value in response.headers.items()
            if name.lower() not in _NOT_PASSED_ON | {"date", "server"}
        )
        return Answer(status=response.status, headers=kept, body=response.data)


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], upstreams: _Upstreams) -> None:
        self.upstreams = upstreams
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's look-up of the host's full name, which can hang where there is no DNS."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's signature
        """Clients may hang up whenever they like."""
        _LOG.debug("connection of %s ended early", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "huixue-local"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    timeout = 120

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(plain_answer(413, "Request Entity Too Large"))
            return
        headers = {
            name: ", ".join(self.headers.get_all(name, []))
            for name in dict.fromkeys(name.lower() for name in self.headers)
            if name not in _NOT_PASSED_ON
        }
        headers["x-forwarded-for"] = self.client_address[0]
        headers["x-forwarded-proto"] = "http"
        server = cast("_HttpServer", self.server)
        headers["x-forwarded-port"] = str(server.server_port)
        answer = server.upstreams.answer(self.command, self.path, headers, body)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._send(answer)

    def _body(self) -> bytes | None:
        """The body; None where it is too large, or its length cannot be told."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()) or int(length) > 4 * _MAX_BODY_BYTES:
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        whole = bytearray()
        while True:
            line = self.rfile.readline(_MAX_CHUNK_LINE_BYTES).split(b";")[0].strip()
            try:
                size = int(line, 16)
            except ValueError:
                return None
            if size < 0 or len(whole) + size > 4 * _MAX_BODY_BYTES:
                return None
            whole += self.rfile.read(size)
            if size == 0:
                while self.rfile.readline(_MAX_CHUNK_LINE_BYTES).strip():
                    continue  # trailers
                return bytes(whole)
            self.rfile.readline(_MAX_CHUNK_LINE_BYTES)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002, ARG002 - the name is the base class's
        """Paths carry ids of members' things: at most in debugging."""
        _LOG.debug("%s %s", self.command, self.path.partition("?")[0])

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve
