"""The real templates in the real engine: it starts, answers, keeps its state over a graceful stop, and goes."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from infra.ops import deployment, local
from infra.ops.deployment import Deployment
from infra.ops.errors import OperatorError
from infra.ops.stacks import ChangeSet

pytestmark = pytest.mark.ministack


class Onlooker:
    def __init__(self) -> None:
        self.steps: list[str] = []
        self.unchanged_stacks: list[str] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def agrees(self, change_set: ChangeSet) -> bool:
        del change_set
        return True

    def unchanged(self, stack: str) -> None:
        self.unchanged_stacks.append(stack)

    def event(self, event: object) -> None:
        """Nobody listens."""


def free_port() -> int:
    """The first of three free ports in a row."""
    for port in range(18_700, 19_700, 3):
        sockets = [socket.socket() for _ in range(3)]
        try:
            for offset, each in enumerate(sockets):
                each.bind(("127.0.0.1", port + offset))
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
        return port
    raise AssertionError("no three free ports in a row")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    return tmp_path


def answer_of(url: str) -> tuple[int, Any]:
    answer = urllib3.request("GET", url, timeout=30.0, retries=False)
    return answer.status, answer.json()


def test_it_serves_keeps_its_state_over_a_graceful_stop_and_leaves_nothing_running() -> None:
    port, item = free_port(), {"pk": {"S": "kept"}, "sk": {"S": "E#1"}}
    with local.running(port, fresh=False, watcher=Onlooker()) as runs:
        deployed = deployment.load("local")
        table = deployed.output("PointsTableName")

        assert answer_of(f"{deployed.output('ApiUrl')}/v1/health") == (200, {"status": "ok"})
        assert answer_of(f"{runs.record.address}/v1/points")[0] == 401
        deployed.client("dynamodb").put_item(TableName=table, Item=item)
        with pytest.raises(OperatorError, match="runs already"):
            local.running(port, fresh=False, watcher=Onlooker()).__enter__()
    assert deployment.load_local() is None
    assert not runs.engine.is_healthy()

    onlooker = Onlooker()
    seen: list[tuple[dict[str, Any], str]] = []
    with pytest.raises(KeyboardInterrupt):
        serve_until_sigterm(port, onlooker, lambda deployed: seen.append(found_in(deployed, item)))

    assert seen == [(item, "expires_at_epoch_s")]
    assert len(onlooker.unchanged_stacks) == 3
    assert not any("gracefully" in step for step in onlooker.steps)
    assert not runs.engine.is_healthy()


def serve_until_sigterm(port: int, onlooker: Onlooker, look: Callable[[Deployment], None]) -> None:
    with local.running(port, fresh=False, watcher=onlooker):
        look(deployment.load("local"))
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()


def found_in(deployed: Deployment, item: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What is stored under the key, and the attribute by which orders expire."""
    client = deployed.client("dynamodb")
    stored = client.get_item(TableName=deployed.output("PointsTableName"), Key=item)
    expiry = client.describe_time_to_live(TableName=deployed.output("OrdersTableName"))
    return stored["Item"], expiry["TimeToLiveDescription"]["AttributeName"]
