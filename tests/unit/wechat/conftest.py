"""One running stand-in per module, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.sandbox.running import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.tell("DELETE", "")
    return shared
