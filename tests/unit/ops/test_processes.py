"""Whether another process is there."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from infra.ops import processes
from infra.ops.errors import OperatorError


def test_a_process_is_alive_until_it_ends_even_if_nobody_looked() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert processes.is_alive(process.pid)
        assert process.stdin
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert not processes.is_alive(process.pid), "a zombie counts as gone"


def test_waiting_for_one_that_stays_ends_with_what_to_do() -> None:
    with pytest.raises(OperatorError) as refused:
        processes.await_gone(os.getpid(), within_s=0.0)

    assert f"kill -9 {os.getpid()}" in refused.value.next_step
