"""Other processes of this machine, by their number."""

from __future__ import annotations

import os
import time
from pathlib import Path

from infra.ops.errors import OperatorError


def is_alive(pid: int) -> bool:
    """Also True for somebody else's process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Gone, but its parent has not looked yet (Linux only; elsewhere it is taken for alive)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def await_gone(pid: int, *, within_s: float) -> None:
    """Raises `OperatorError` where it is still there then."""
    give_up = time.monotonic() + within_s
    while is_alive(pid):
        if time.monotonic() > give_up:
            raise OperatorError(
                f"process {pid} did not stop", next_step=f"End it by hand: `kill -9 {pid}`."
            )
        time.sleep(0.1)
