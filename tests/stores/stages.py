"""A local stage as the operators' commands find it, on moto."""

from __future__ import annotations

from collections.abc import Mapping

from infra.ops.deployment import LOCAL, Deployment, LocalRecord
from tests.engines.clients import REGION


def local_stage(outputs: Mapping[str, str]) -> LocalRecord:
    return LocalRecord(
        deployment=Deployment(
            stage=LOCAL,
            region=REGION,
            endpoint_url=None,
            outputs=outputs,
        ),
        address="http://127.0.0.1:1",
        sandbox_url="http://127.0.0.1:1/sandbox",
        port=1,
        pid=1,
        engine_pid=1,
    )
