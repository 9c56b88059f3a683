"""A local stage as the operators' commands find it, on whatever engine runs the test."""

from __future__ import annotations

from collections.abc import Mapping

from infra.ops.deployment import LOCAL, LOCAL_REGION, Deployment, LocalRecord
from tests.engines.clients import REGION


def local_stage(outputs: Mapping[str, str], endpoint_url: str | None = None) -> LocalRecord:
    return LocalRecord(
        deployment=Deployment(
            stage=LOCAL,
            region=REGION if endpoint_url is None else LOCAL_REGION,
            endpoint_url=endpoint_url,
            outputs=outputs,
        ),
        address="http://127.0.0.1:1",
        sandbox_url="http://127.0.0.1:1/sandbox",
        port=1,
        pid=1,
        engine_pid=1,
    )
