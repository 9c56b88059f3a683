"""The real stand-in on a free port, with a clock the test moves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import urllib3
from hypothesis import HealthCheck, settings

from infra.sandbox.server import CREDENTIALS, SandboxServer
from tests.engines.clock import FrozenClock

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: a busy machine is no failure."""

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""2026-03-02 12:00:00 in China."""


@dataclass(slots=True)
class Sandbox:
    """A running stand-in and what tests say to it."""

    server: SandboxServer
    clock: FrozenClock
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def url(self, path: str) -> str:
        return f"{self.server.address}/sandbox{path}"

    def call(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        sent = None if body is None else json.dumps(body).encode()
        reply = self.pool.request(method, self.url(path), body=sent)
        return reply.status, json.loads(reply.data)

    def tell(self, method: str, path: str, body: object = None) -> object:
        status, answer = self.call(method, path, body)
        assert status == 200, answer
        return answer

    def fail(self, platform: str, **fault: object) -> None:
        self.tell("POST", "/faults", {"platform": platform, **fault})

    def put_rows(self, rows: list[dict[str, object]]) -> None:
        self.tell("POST", "/taobao/orders", rows)

    def put_refunds(self, rows: list[dict[str, object]]) -> None:
        self.tell("POST", "/taobao/refunds", rows)


class UrgentPool(urllib3.PoolManager):
    """Waits a tenth of a second for answers, so that a late one need not take real time."""

    def urlopen(  # type: ignore[override]  # one answer type is enough here
        self, method: str, url: str, redirect: bool = True, **options: object
    ) -> urllib3.BaseHTTPResponse:
        options["timeout"] = urllib3.Timeout(connect=1.0, read=0.1)
        return super().urlopen(method, url, redirect, **options)


@contextmanager
def running_sandbox(promotion_days: tuple[date, ...] = ()) -> Iterator[Sandbox]:
    clock = FrozenClock(NOON)
    server = SandboxServer(0, clock=clock, promotion_days=promotion_days)
    server.start()
    sandbox = Sandbox(server, clock)
    try:
        yield sandbox
    finally:
        sandbox.pool.clear()
        server.stop()


def secret_of(name: str) -> str:
    return CREDENTIALS[name]


def signature_vectors() -> Mapping[str, Mapping[str, object]]:
    """The design's worked vectors by id; skips the test, saying so, where they are not at hand."""
    folder = Path(
        os.environ.get("HUIXUE_DESIGN_DATA") or Path(__file__).parents[4] / "shared" / "data"
    )
    path = folder / "signature_vectors.json"
    if not path.is_file():
        pytest.skip(f"left out: no signature vectors at {path} (set HUIXUE_DESIGN_DATA)")
    return {
        vector["id"]: vector for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]
    }
