"""The local engine: stock ministack as a child process, bound to this machine only.

Its state is written when it is stopped gracefully, and only then: after a crash the next start brings back what the
last graceful stop left, and says so.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import urllib3

from infra.ops import processes
from infra.ops.errors import OperatorError

_HOST = "127.0.0.1"
_READY_WITHIN_S = 60.0
_STOPPED_WITHIN_S = 60.0
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine: its port, and the folder that is its own."""

    port: int
    folder: Path

    @property
    def endpoint_url(self) -> str:
        return f"http://{_HOST}:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "engine.log"

    @property
    def _unfinished(self) -> Path:
        """There while an engine runs; found at a start, the last one did not stop gracefully."""
        return self.folder / "not-stopped-gracefully"

    def wipe(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def was_cut_off(self) -> bool:
        return self._unfinished.exists()

    def start(self) -> subprocess.Popen[bytes]:
        """Raises `OperatorError` where it does not answer within a minute; then nothing of it is left running."""
        workspace = (
            self.folder / "tmp"
        )  # its workers unpack code here; a crash leaves folders behind
        shutil.rmtree(workspace, ignore_errors=True)
        workspace.mkdir(parents=True)
        self.folder.chmod(0o700)  # its state holds the secrets of the local stage
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ministack"],
                env=environment(self, os.environ),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us: we stop it, in order
            )
        self._unfinished.write_text(str(process.pid), "utf-8")
        self._await_ready(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> bool:
        """True where it wrote its state and went; else it was killed. May be repeated."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return False
            self._unfinished.unlink(missing_ok=True)
            shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        return not self.was_cut_off()

    def stop_left_over(self) -> bool:
        """Stop an engine whose `huixue up` was killed: it holds the port, and what it has not saved yet.

        False where there is none. May be repeated; raises `OperatorError` where it does not go.
        """
        try:
            pid = int(self._unfinished.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return False
        if not processes.is_alive(pid) or not self.is_healthy():
            return False  # it crashed itself, or the number is somebody else's by now
        os.kill(pid, signal.SIGTERM)
        processes.await_gone(pid, within_s=_STOPPED_WITHIN_S)
        self._unfinished.unlink(missing_ok=True)
        return True

    def is_healthy(self) -> bool:
        try:
            answer = urllib3.request(
                "GET", f"{self.endpoint_url}/_ministack/health", timeout=2.0, retries=False
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < give_up:
            if process.poll() is not None:
                break
            if self.is_healthy():
                return
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
            process.wait()
        last_words = "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-5:])
        raise OperatorError(
            f"the local engine did not start on port {self.port}:\n{last_words}",
            next_step=f"Read {self.log}; `huixue up --fresh` starts without what was kept.",
        )


def environment(engine: Engine, inherited: Mapping[str, str]) -> dict[str, str]:
    """All the engine and its workers see: nothing of the operator's own AWS settings, so nothing real is reached."""
    kept = {name: inherited[name] for name in _INHERITED if name in inherited}
    return kept | {
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(engine.port),
        "MINISTACK_HOST": _HOST,  # in queue URLs; "localhost" may try IPv6 first
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(engine.folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(engine.folder / "objects"),
        "TMPDIR": str(engine.folder / "tmp"),
        "LOG_LEVEL": inherited.get("HUIXUE_ENGINE_LOG", "WARNING"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
