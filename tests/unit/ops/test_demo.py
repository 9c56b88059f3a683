from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from infra.demo.orders import generate, write_report
from infra.demo.recompute import recompute
from infra.ops.cli import app
from infra.ops.demo import made_export
from infra.ops.errors import OperatorError

QUIET = Console(quiet=True)


@pytest.fixture(autouse=True)
def _state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))


def test_a_report_becomes_an_export_with_a_manifest_beside_it(tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    write_report(generate(300), report)

    export, manifest = made_export(report, 0, QUIET)

    assert manifest.rows == 320
    kept = json.loads((export.parent / "manifest.json").read_text("utf-8"))
    assert kept["lone"]["order_number"] == manifest.lone.order_number
    proof = manifest.proof
    assert recompute(export, order_numbers={proof.order_number}).points == proof.points > 0


@pytest.mark.parametrize("count", [0, 1, 199])
def test_too_few_orders_are_refused_with_what_is_needed(count: int) -> None:
    with pytest.raises(OperatorError, match="no demo can be made") as refused:
        made_export(None, count, QUIET)

    assert "200" in refused.value.next_step


def test_a_file_that_is_no_report_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text("姓名,电话\n演示,1\n", "utf-8")

    with pytest.raises(OperatorError, match="no order report"):
        made_export(file, 0, QUIET)


def test_the_command_says_so_before_it_starts_anything(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["demo", "--orders", str(tmp_path / "none.csv"), "--once"])

    assert done.exit_code == 1
    assert "there is no" in done.stderr
    assert "ORDERS=" in done.stderr
    assert not (tmp_path / "state").exists()
