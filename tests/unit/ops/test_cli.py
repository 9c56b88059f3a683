"""The command itself: what it refuses, and that it says what to do next."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.ops import deployment
from infra.ops.cli import app
from infra.ops.deployment import Deployment, LocalRecord

RECORD = LocalRecord(
    deployment=Deployment(stage="local", region="us-east-1", endpoint_url="http://127.0.0.1:9"),
    address="http://127.0.0.1:9",
    sandbox_url="http://127.0.0.1:9/sandbox",
    port=9,
    pid=os.getpid(),
    engine_pid=os.getpid(),
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path))
    return tmp_path


def said(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def test_every_command_is_there() -> None:
    _, text = said("--help")

    for command in (
        "up",
        "down",
        "deploy",
        "status",
        "publish",
        "import-orders",
        "audit",
        "stream",
        "preview",
        "outage",
        "calendar-feed",
    ):
        assert f" {command} " in text


def test_down_where_nothing_runs_is_no_error() -> None:
    assert said("down") == (0, "nothing runs here")


def test_status_where_nothing_runs_says_how_to_start_it() -> None:
    code, text = said("status")

    assert code == 1
    assert "huixue up" in text


def test_status_after_a_crash_says_so() -> None:
    deployment.save_local(RECORD)

    code, text = said("status")

    assert code == 1
    assert "without a graceful stop" in text


def test_the_stage_local_is_never_deployed_to_aws() -> None:
    code, text = said("deploy", "--stage", "local", "--yes")

    assert code == 1
    assert "huixue up" in text


@pytest.mark.parametrize("parameter", ["DefaultProgrammeId", "=value"])
def test_a_parameter_that_is_no_pair_is_named(parameter: str) -> None:
    code, text = said("deploy", "--stage", "test", "--parameter", parameter)

    assert code == 1
    assert parameter in text


def test_one_checkout_serves_once() -> None:
    deployment.save_local(RECORD)

    code, text = said("up", "--port", "20")

    assert code == 1
    assert "huixue down" in text


def test_a_taken_port_is_named() -> None:
    import socket  # noqa: PLC0415 - this test alone takes a port

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, text = said("up", "--port", str(port))

    assert code == 1
    assert f"port {port} is taken" in text


def test_a_record_of_a_process_that_is_gone_is_cleared_by_down(state: Path) -> None:
    deployment.save_local(replace(RECORD, pid=2**22 + 1))

    assert said("down") == (0, "nothing runs here")
    assert not (state / "local.json").exists()


def test_the_record_is_plain_json(state: Path) -> None:
    deployment.save_local(RECORD)

    assert json.loads((state / "local.json").read_text("utf-8"))["stage"] == "local"
