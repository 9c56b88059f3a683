"""The control routes: what they take, what they refuse, and that one call forgets everything."""

from __future__ import annotations

import socket
from http.client import HTTPConnection

import pytest
import urllib3

from infra.sandbox.control import World
from infra.sandbox.messages import Request
from infra.sandbox.server import CREDENTIALS, SandboxServer
from tests.engines.clock import FrozenClock
from tests.unit.sandbox.running import NOON, Sandbox

ROW: dict[str, object] = {"trade_id": 1, "trade_parent_id": "2", "tk_status": 12}


def test_rows_given_come_back_with_a_modified_time(sandbox: Sandbox) -> None:
    sandbox.put_rows([ROW])

    assert sandbox.tell("GET", "/taobao/orders") == [
        {
            "trade_id": "1",
            "trade_parent_id": "2",
            "tk_status": 12,
            "modified_time": "2026-03-02 12:00:00",
        }
    ]


def test_a_row_given_again_changes_what_it_names_and_keeps_the_rest(sandbox: Sandbox) -> None:
    sandbox.put_rows([ROW | {"item_title": "贴纸", "modified_time": "2026-03-01 00:00:00"}])
    sandbox.put_rows([{"trade_id": "1", "tk_status": 14}])

    assert sandbox.tell("GET", "/taobao/orders") == [
        ROW
        | {
            "trade_id": "1",
            "tk_status": 14,
            "item_title": "贴纸",
            "modified_time": "2026-03-02 12:00:00",
        }
    ]


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/taobao/orders", {"rows": []}, "list"),
        ("/taobao/orders", [7], "list"),
        ("/taobao/orders", [ROW, {"trade_id": "x"}], "row 1"),
        ("/taobao/orders", [ROW, {"trade_id": "9"}], "row 1"),
        ("/taobao/orders", [ROW | {"buyer_nick": "alice"}], "buyer_nick"),
        ("/taobao/orders", [ROW | {"modified_time": "today"}], "modified_time"),
        ("/taobao/promotion-days", "2026-11-11", "list"),
        ("/taobao/promotion-days", ["11.11"], "list"),
        ("/faults", [], "platform"),
        ("/faults", {"platform": "jd", "status": 500}, "platform"),
        ("/faults", {"platform": "taobao"}, "status"),
        ("/faults", {"platform": "taobao", "status": 200}, "status"),
        ("/faults", {"platform": "taobao", "status": "500"}, "status"),
        ("/faults", {"platform": "taobao", "delay_s": -1}, "delay_s"),
        ("/faults", {"platform": "taobao", "cut": "maybe"}, "cut"),
        ("/faults", {"platform": "taobao", "body": 7}, "body"),
        ("/faults", {"platform": "taobao", "status": 500, "times": 0}, "times"),
        ("/faults", {"platform": "taobao", "status": 500, "when": 1}, "when"),
    ],
)
def test_bad_control_input_is_refused_with_what_was_expected_and_changes_nothing(
    sandbox: Sandbox, path: str, body: object, named: str
) -> None:
    before = sandbox.tell("GET", "")

    status, answer = sandbox.call("POST", path, body)

    assert status == 400
    assert named in str(answer)
    assert sandbox.tell("GET", "") == before


def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        assert sandbox.pool.request("POST", sandbox.url("/faults"), body=body).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"), [("PUT", "/faults", 405), ("GET", "/nothing", 404)]
)
def test_other_paths_and_methods_are_refused(
    sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    assert sandbox.call(method, path)[0] == status


def test_a_fault_holds_for_as_many_calls_as_told(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", status=503, times=2)
    url = sandbox.url("/wechat/sns/jscode2session")

    assert [sandbox.pool.request("GET", url).status for _ in range(3)] == [503, 503, 200]


def test_a_fault_of_one_platform_leaves_the_other_alone(sandbox: Sandbox) -> None:
    sandbox.fail("wechat", status=503)

    assert sandbox.pool.request("POST", sandbox.url("/taobao/router/rest")).status == 200


def test_one_call_forgets_everything(sandbox: Sandbox) -> None:
    clean = sandbox.tell("GET", "")
    sandbox.put_rows([ROW])
    sandbox.fail("wechat", status=503)
    sandbox.tell("POST", "/taobao/promotion-days", ["2026-03-02"])

    sandbox.tell("DELETE", "")

    assert sandbox.tell("GET", "") == clean


def test_control_is_for_this_machine_alone() -> None:
    world = World(clock=FrozenClock(NOON))

    reply = world.answer(Request(method="DELETE", target="/"), is_local=False, wait=lambda _: None)

    assert reply is not None
    assert reply.status == 403


def test_no_secret_is_told(sandbox: Sandbox) -> None:
    told = str(sandbox.tell("GET", ""))

    assert not [secret for secret in CREDENTIALS.values() if secret in told]


def test_a_stopped_server_frees_its_port_and_hangs_up() -> None:
    server = SandboxServer(0)
    server.start()
    port = int(server.address.rpartition(":")[2])
    kept = HTTPConnection("127.0.0.1", port, timeout=5)
    kept.request("GET", "/sandbox")
    kept.getresponse().read()

    server.stop()
    server.stop()

    kept.sock.settimeout(5)
    assert kept.sock.recv(1) == b""
    kept.close()
    again = SandboxServer(port)
    again.start()
    assert urllib3.request("GET", f"{again.address}/sandbox", retries=False).status == 200
    again.stop()


def test_a_port_in_use_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        SandboxServer(taken.getsockname()[1]).start()


@pytest.mark.parametrize(
    "head",
    [
        b"POST /sandbox/faults HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /sandbox/faults HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
        b"POST /sandbox/faults HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /sandboxes HTTP/1.1\r\nHost: x\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_a_strange_request_gets_an_answer_that_says_no(sandbox: Sandbox, head: bytes) -> None:
    host, port = sandbox.server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(head)
        answer = connection.recv(4096)

    assert b" 4" in answer[:13] or b"Error code: 4" in answer
