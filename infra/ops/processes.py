"""Other processes of this machine, by their number."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

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


_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Inside it, SIGTERM raises KeyboardInterrupt as Ctrl-C does. Only the main thread can promise that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hear_no_more() -> None:
    """From here to the end of `ended_by_signals`: a second Ctrl-C must not cut off what is being stopped."""
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
