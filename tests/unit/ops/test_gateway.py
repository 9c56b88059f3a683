"""The one local address: what it passes on, what it sets right, what it keeps out."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.ops.gateway import Answer, Gateway, as_api_gateway, plain_answer


class _Upstream(BaseHTTPRequestHandler):
    """Says back what came; `/status/N` answers N; `/hang-up` answers nothing."""

    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        if self.path.endswith("/hang-up"):
            self.close_connection = True
            return
        status = int(self.path.rpartition("/status/")[2]) if "/status/" in self.path else 200
        answer = b'{"errorMessage": "secret"}' if status == 502 else body or b"hello"
        self.send_response(status)
        self.send_header("X-Kept", "yes")
        if status != 204:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if status != 204 and self.command != "HEAD":
            self.wfile.write(answer)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""

    do_GET = do_POST = do_HEAD = _serve


@pytest.fixture
def upstream() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    server.daemon_threads = True
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def connection(upstream: Any) -> Iterator[http.client.HTTPConnection]:
    url = f"http://127.0.0.1:{upstream.server_port}"
    gateway = Gateway(0, api_url=f"{url}/api/$default", sandbox_url=url)
    gateway.start()
    port = int(gateway.address.rpartition(":")[2])
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    yield client
    client.close()
    gateway.stop()


def asked(
    connection: http.client.HTTPConnection, method: str, path: str, **rest: Any
) -> tuple[int, bytes]:
    connection.request(method, path, **rest)
    response = connection.getresponse()
    return response.status, response.read()


def test_requests_reach_the_api_with_path_query_headers_and_body(
    connection: http.client.HTTPConnection, upstream: Any
) -> None:
    status, body = asked(
        connection,
        "POST",
        "/v1/orders?a=1&b=%20",
        body=b"{}",
        headers={"Authorization": "Bearer x"},
    )

    ((method, path, headers, seen_body),) = upstream.seen
    assert (status, body) == (200, b"{}")
    assert (method, path, seen_body) == ("POST", "/api/$default/v1/orders?a=1&b=%20", b"{}")
    assert {name.lower(): value for name, value in headers.items()}["authorization"] == "Bearer x"


def test_one_connection_serves_many_requests(
    connection: http.client.HTTPConnection, upstream: Any
) -> None:
    for number in range(3):
        assert asked(connection, "GET", f"/v1/{number}")[0] == 200
        assert connection.sock is not None

    assert len(upstream.seen) == 3


def test_the_sandbox_is_reached_under_its_own_path(
    connection: http.client.HTTPConnection, upstream: Any
) -> None:
    asked(connection, "GET", "/sandbox/wechat/sns/jscode2session?js_code=1")
    asked(connection, "GET", "/sandboxes")

    paths = [path for _, path, _, _ in upstream.seen]
    assert paths == ["/sandbox/wechat/sns/jscode2session?js_code=1", "/api/$default/sandboxes"]


def test_a_crash_of_a_function_shows_nothing_of_its_reason(
    connection: http.client.HTTPConnection,
) -> None:
    assert asked(connection, "GET", "/v1/status/502") == (
        500,
        b'{"message":"Internal Server Error"}',
    )


def test_the_sandbox_may_answer_whatever_a_platform_answers(
    connection: http.client.HTTPConnection,
) -> None:
    assert asked(connection, "GET", "/sandbox/status/502")[0] == 502


def test_an_api_that_hangs_up_is_unavailable(connection: http.client.HTTPConnection) -> None:
    assert asked(connection, "GET", "/v1/hang-up") == (503, b'{"message":"Service Unavailable"}')


def test_a_sandbox_that_hangs_up_hangs_up_on_the_client(
    connection: http.client.HTTPConnection,
) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        asked(connection, "GET", "/sandbox/hang-up")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/../../_ministack/reset",
        "/..",
        "/v1/%2e%2e/x",
        "/v1/%2E./x",
        "/sandbox/../secret",
        "http://127.0.0.1/v1/health",
    ],
)
def test_nothing_but_the_api_and_the_sandbox_can_be_reached(
    connection: http.client.HTTPConnection, upstream: Any, path: str
) -> None:
    assert asked(connection, "GET", path) == (404, b'{"message":"Not Found"}')
    assert upstream.seen == []


def test_dots_in_names_are_no_way_up(connection: http.client.HTTPConnection, upstream: Any) -> None:
    assert asked(connection, "GET", "/v1/openapi.json")[0] == 200
    assert asked(connection, "GET", "/v1/..a/.b")[0] == 200
    assert len(upstream.seen) == 2


def test_bodies_up_to_ten_megabytes_pass_and_larger_ones_do_not(
    connection: http.client.HTTPConnection, upstream: Any
) -> None:
    limit = 10 * 1024 * 1024

    assert asked(connection, "POST", "/v1/orders", body=bytes(limit))[0] == 200
    assert asked(connection, "POST", "/v1/orders", body=bytes(limit + 1)) == (
        413,
        b'{"message":"Request Entity Too Large"}',
    )
    assert len(upstream.seen) == 1


def test_a_chunked_body_arrives_whole(
    connection: http.client.HTTPConnection, upstream: Any
) -> None:
    connection.request("POST", "/v1/orders", body=iter([b"one", b"two"]), encode_chunked=True)

    assert connection.getresponse().read() == b"onetwo"
    assert upstream.seen[0][3] == b"onetwo"


@pytest.mark.parametrize("length", ["-1", "many", "99999999999"])
def test_a_length_that_cannot_be_is_refused(
    connection: http.client.HTTPConnection, upstream: Any, length: str
) -> None:
    assert asked(connection, "POST", "/v1/orders", headers={"Content-Length": length})[0] == 413
    assert upstream.seen == []


def test_answers_without_a_body_keep_the_connection_in_step(
    connection: http.client.HTTPConnection,
) -> None:
    assert asked(connection, "GET", "/v1/status/204") == (204, b"")
    assert asked(connection, "HEAD", "/v1/points") == (200, b"")
    assert asked(connection, "GET", "/v1/points") == (200, b"hello")


def test_only_the_engines_own_failures_are_rewritten() -> None:
    mine = Answer(status=500, headers=(), body=b'{"code":"INTERNAL"}')

    assert as_api_gateway(mine) == mine
    assert as_api_gateway(plain_answer(502, "boom")).status == 500


def test_stopping_frees_the_port_and_may_be_repeated() -> None:
    first = Gateway(0, api_url="http://127.0.0.1:1", sandbox_url="http://127.0.0.1:1")
    first.start()
    port = int(first.address.rpartition(":")[2])
    first.stop()
    first.stop()

    second = Gateway(port, api_url="http://127.0.0.1:1", sandbox_url="http://127.0.0.1:1")
    second.start()
    second.stop()
