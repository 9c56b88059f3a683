"""One stage per test file, with a WeChat that answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.stage import Stage, running_stage
from tests.unit.sandbox.running import running_sandbox


@pytest.fixture(scope="module")
def shared_stage() -> Iterator[Stage]:
    with (
        running_sandbox() as sandbox,
        running_stage(wechat_endpoint=sandbox.url("/wechat")) as stage,
    ):
        yield stage
