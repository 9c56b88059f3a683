"""The local engine of `huixue up`, stock and pinned, as a child process with an empty state."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.child import START_TIMEOUT_S, free_port, running


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Start it on 127.0.0.1 and yield its address; everything it writes stays below `folder`."""
    port = free_port()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "PERSIST_STATE": "0",
        "S3_DATA_DIR": str(folder / "s3"),
        # doors nobody uses here, and which would listen on all addresses
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    command = (sys.executable, "-m", "ministack")
    with running(command, port=port, folder=folder, env=env):
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url)
        yield url


def _wait_until_healthy(url: str) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at:
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"ministack at {url} does not become healthy")
