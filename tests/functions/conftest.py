"""One stage per test file: tests bring their own members and numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.seasons import Season, running_season
from tests.functions.stage import Stage, running_stage


@pytest.fixture(scope="module")
def shared_stage() -> Iterator[Stage]:
    with running_stage() as stage:
        yield stage


@pytest.fixture
def season(shared_stage: Stage) -> Iterator[Season]:
    with running_season(shared_stage) as published:
        yield published
