"""One stage per test file, or an empty one per test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.stage import Stage, running_stage


@pytest.fixture(scope="module")
def shared_stage() -> Iterator[Stage]:
    """For tests that write nothing, and for those that bring their own members and numbers."""
    with running_stage() as stage:
        yield stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with running_stage() as stage:
        yield stage
