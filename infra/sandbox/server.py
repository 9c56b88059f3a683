"""The stand-in as an HTTP server: HTTP/1.1, kept-alive connections, one thread each, state in memory.

Everything lies below `/sandbox/`: the platforms under their own paths, and the control routes (`control.py`), which
only this machine may use.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import sys
import threading
from collections.abc import Iterable
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import cast

from huixue.kernel.calendar import Clock, SystemClock
from infra.sandbox.control import World
from infra.sandbox.credentials import ADZONE_ID, APP_ID, CREDENTIALS, TAOBAO_APP_KEY
from infra.sandbox.messages import Reply, Request, text_reply

__all__ = ["ADZONE_ID", "APP_ID", "CREDENTIALS", "TAOBAO_APP_KEY", "SandboxServer"]

_LOG = logging.getLogger(__name__)
_MAX_BODY_BYTES = 32 * 1024 * 1024
PREFIX = "/sandbox"


class SandboxServer:
    """Guarantees: after `start` the port answers; after `stop` it is free and no connection is left open.

    Port 0 takes a free one. The clock decides what "now" is for signatures, windows and `modified_time`.
    """

    def __init__(
        self,
        port: int,
        host: str = "127.0.0.1",
        *,
        clock: Clock | None = None,
        promotion_days: Iterable[date] = (),
    ) -> None:
        self.world = World(clock=clock or SystemClock(), promotion_days=frozenset(promotion_days))
        self._address = (host, port)
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """`http://host:port`, without a slash; the port is the real one once started."""
        host, port = self._http.server_address[:2] if self._http else self._address
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Raises OSError where the port is taken."""
        if self._http is not None:
            return
        self._http = _HttpServer(self._address, self.world)
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="sandbox",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """May be repeated."""
        http, thread, self._http, self._thread = self._http, self._thread, None, None
        if http is None or thread is None:
            return
        http.stopping.set()
        http.shutdown()
        thread.join()
        http.close_connections()
        http.server_close()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World) -> None:
        self.world = world
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: object, client_address: object) -> None:
        with self._lock:
            self._open.add(cast("socket.socket", request))
        super().process_request(request, client_address)  # type: ignore[arg-type]  # stubs: a union of sockets

    def shutdown_request(self, request: object) -> None:
        with self._lock:
            self._open.discard(cast("socket.socket", request))
        super().shutdown_request(request)  # type: ignore[arg-type]  # stubs: a union of sockets

    def close_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # the client was quicker
                    continue

    def server_bind(self) -> None:
        """Without HTTPServer's look-up of the host's full name, which can hang where there is no DNS."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = (
            str(self.server_address[0]),
            int(self.server_address[1]),
        )

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base class's signature
        """A client that hangs up is what faults are made for; anything else is a defect of the stand-in."""
        level = logging.DEBUG if isinstance(sys.exception(), OSError) else logging.ERROR
        _LOG.log(level, "connection of %s ended early", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "huixue-sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet
    timeout = 120

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self._send(text_reply(413, f"expected a Content-Length of at most {_MAX_BODY_BYTES}"))
            self.close_connection = True
            return
        server = cast("_HttpServer", self.server)
        path = self.path.removeprefix(PREFIX) if self._is_below_prefix() else None
        if path is None:
            self._send(text_reply(404, "everything lies below /sandbox/"))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method=self.command, target=path or "/", headers=headers, body=body)
        reply = server.world.answer(request, is_local=self._is_local(), wait=server.stopping.wait)
        if reply is None:
            self.close_connection = True
        else:
            self._send(reply)

    def _is_below_prefix(self) -> bool:
        return self.path.startswith(PREFIX) and self.path[len(PREFIX) :][:1] in ("", "/", "?")

    def _is_local(self) -> bool:
        return ipaddress.ip_address(self.client_address[0]).is_loopback

    def _body(self) -> bytes | None:
        text = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"[0-9]{1,12}", text):
            return None
        return self.rfile.read(int(text)) if int(text) <= _MAX_BODY_BYTES else None

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002, ARG002 - the name is the base class's
        """Without the query, which carries secrets and codes."""
        path = getattr(self, "path", "")  # missing where the request line could not be read
        _LOG.debug("%s %s", self.command, path.partition("?")[0])

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve
