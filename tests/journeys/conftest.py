"""One running deployment for all journeys: the real `huixue up`, reached only through its doors."""

from __future__ import annotations

import csv
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3

from infra.demo.manifest import Manifest
from infra.demo.member import Member
from infra.demo.orders import generate
from infra.demo.seller_export import HEADER, Row, csv_text, write_export
from infra.ops.deployment import Deployment
from tests.engines.cloudformation import REPOSITORY

ORDERS = 600
PATIENCE_S = 60.0
_FIRST_PORT, _PORTS = 8560, 37


@dataclass(slots=True, kw_only=True)
class Place:
    """A deployment as an operator and members meet it."""

    state: Path
    address: str = ""
    deployment: Deployment = field(
        default_factory=lambda: Deployment(stage="local", region="", endpoint_url=None)
    )
    members: list[Member] = field(default_factory=list)
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def huixue(self, *arguments: str, code: int = 0) -> str:
        """An operators' command; what it printed for programs. Fails the test on another exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "infra.ops.cli", *arguments],
            cwd=REPOSITORY,
            env={**os.environ, "HUIXUE_STATE_DIR": str(self.state)},
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stderr

    def imported(self, file: Path, *more: str) -> dict[str, Any]:
        printed = self.huixue(
            "import-orders", str(file), "--platform", "taobao", "--room", "main", "--json", *more
        )
        totals: dict[str, Any] = json.loads(printed)
        return totals

    def member(self, name: str) -> Member:
        member = Member(self.address, f"{name}{secrets.token_hex(3)}", secrets.token_hex(4))
        self.members.append(member)
        return member

    def invoke(self, name: str) -> Any:
        """A scheduled function, now instead of in five minutes; its answer."""
        client = self.deployment.client("lambda")
        names = [each["FunctionName"] for each in client.list_functions()["Functions"]]
        [function] = [each for each in names if name in each]
        answer = client.invoke(FunctionName=function, Payload=b"{}")
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read())


def eventually(found: Callable[[], object], expected: object) -> None:
    """Waits for queues to bring `found` to `expected`; fails with the last thing found."""
    give_up = time.monotonic() + PATIENCE_S
    while (last := found()) != expected and time.monotonic() < give_up:
        time.sleep(0.1)
    assert last == expected


def free_base() -> int:
    """Three free ports in a row; test processes that run side by side look in ranges of their own."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = _FIRST_PORT + process * _PORTS
    for base in range(first, first + _PORTS, 3):
        try:
            for port in (base, base + 1, base + 2):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base
    raise RuntimeError(f"no three free ports in a row from {first} on")


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    running = Place(state=tmp_path_factory.mktemp("huixue"))
    try:
        running.huixue("up", "--detach", "--port", str(free_base()))
        record = json.loads((running.state / "local.json").read_text("utf-8"))
        running.address = record["address"]
        running.deployment = Deployment(
            stage=record["stage"], region=record["region"], endpoint_url=record["endpoint_url"],
            outputs=record["outputs"],
        )  # fmt: skip
        running.huixue("publish", str(REPOSITORY / "infra" / "demo" / "programme.yaml"))
        yield running
    finally:
        running.http.clear()
        running.huixue("down")


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A made export that was imported, and what is true of it."""

    file: Path
    manifest: Manifest
    totals: dict[str, Any]
    rows: list[Row]

    def number(self, at: int) -> str:
        return self.rows[at]["订单编号"].strip('="')

    def kept(self) -> Iterator[Row]:
        """Confirmed orders of the window worth a point, with a plain account, of buyers the examples do not name."""
        made = self.manifest
        named = {made.proof.account, made.lone.account, made.partly_refunded.account}
        for row in self.rows:
            is_kept = row["订单状态"] == "交易成功" and row["退款金额"] == "0.00"
            is_old = number_of(row) in made.out_of_window
            plain = "*" not in row["买家会员名"] and row["买家会员名"] not in named
            if is_kept and plain and not is_old and float(row["买家实际支付金额"]) >= 10:
                yield row


def number_of(row: Row) -> str:
    return row["订单编号"].strip('="')


def write_rows(path: Path, rows: list[Row]) -> Path:
    path.write_bytes("".join(csv_text(iter(rows))).encode("gbk"))
    return path


@pytest.fixture(scope="session")
def season(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Season:
    file = tmp_path_factory.mktemp("exports") / "导出.csv"
    manifest = write_export(generate(ORDERS), file, now=datetime.now(UTC), with_pending=4)
    with file.open(encoding="gbk", newline="") as opened:
        rows = [dict(zip(HEADER, cells, strict=True)) for cells in list(csv.reader(opened))[1:]]
    totals = place.imported(file)
    return Season(file=file, manifest=manifest, totals=totals, rows=rows)


@pytest.fixture(scope="session")
def kept(season: Season) -> Iterator[Row]:
    """Orders nobody has claimed yet, one after another."""
    return season.kept()
