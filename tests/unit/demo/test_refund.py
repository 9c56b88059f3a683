from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.demo.manifest import Manifest
from infra.demo.orders import generate
from infra.demo.recompute import paid_fen, recompute
from infra.demo.refund import write_refund
from infra.demo.seller_export import write_export

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    export = tmp_path_factory.mktemp("made") / "export.csv"
    return export, write_export(generate(400), export, now=NOW)


def test_the_newer_export_has_the_one_order_with_what_is_left_of_it(
    made: tuple[Path, Manifest], tmp_path: Path
) -> None:
    export, manifest = made
    number, newer = manifest.lone.order_number, tmp_path / "newer.csv"

    write_refund(export, newer, number, 300)

    assert paid_fen(newer, number) == paid_fen(export, number)
    assert recompute(newer).orders == 1
    assert recompute(newer).points == recompute(export, order_numbers={number}).points - 3


def test_an_order_that_is_not_there_cannot_be_refunded(
    made: tuple[Path, Manifest], tmp_path: Path
) -> None:
    with pytest.raises(KeyError):
        write_refund(made[0], tmp_path / "newer.csv", "9" * 16, 100)

    assert not (tmp_path / "newer.csv").exists()
