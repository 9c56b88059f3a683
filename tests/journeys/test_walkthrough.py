"""What `make run ONCE=1` plays, on fewer orders and a deployment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import Place, free_base

pytestmark = pytest.mark.ministack


def test_the_walkthrough_finds_every_step_as_expected(tmp_path: Path) -> None:
    alone = Place(state=tmp_path)

    told = alone.huixue("demo", "--once", "--count", "300", "--port", str(free_base()))

    assert "320 new orders" in told
    assert "✗" not in told
    assert "the feed (after" in told
    assert told.count("✓") > 40
    assert not (tmp_path / "local.json").exists()
