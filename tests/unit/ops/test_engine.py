"""The local engine as a child process; it is really started once in tests/unit/ops/test_local.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from infra.ops.engine import Engine, environment


def test_nothing_of_the_operators_own_aws_settings_reaches_the_engine(tmp_path: Path) -> None:
    inherited = {
        "PATH": "/bin",
        "HOME": "/home/operator",
        "AWS_PROFILE": "prod",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_ENDPOINT_URL": "https://elsewhere",
        "PYTHONPATH": "/elsewhere",
    }

    told = environment(Engine(port=8788, folder=tmp_path), inherited)

    assert told["AWS_ACCESS_KEY_ID"] == "test"
    assert {"AWS_PROFILE", "AWS_ENDPOINT_URL", "PYTHONPATH"}.isdisjoint(told)
    assert (told["PATH"], told["HOME"]) == ("/bin", "/home/operator")


def test_it_listens_on_this_machine_only_and_keeps_everything_in_its_folder(tmp_path: Path) -> None:
    told = environment(Engine(port=8788, folder=tmp_path), {})

    assert told["BIND_HOST"] == told["MINISTACK_HOST"] == "127.0.0.1"
    assert told["GATEWAY_PORT"] == "8788"
    folders = [told[name] for name in ("STATE_DIR", "S3_DATA_DIR", "TMPDIR")]
    assert all(folder.startswith(str(tmp_path)) for folder in folders)
    assert (told["SFTP_ENABLED"], told["IOT_MTLS_ENABLED"]) == ("0", "0")


def test_an_engine_that_was_killed_is_known_at_the_next_start(tmp_path: Path) -> None:
    engine = Engine(port=1, folder=tmp_path)
    assert not engine.was_cut_off()

    (tmp_path / "not-stopped-gracefully").write_text("1", "utf-8")

    assert engine.was_cut_off()


def test_a_process_that_only_has_the_old_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "not-stopped-gracefully").write_text(str(stranger.pid), "utf-8")

        stopped = Engine(port=1, folder=tmp_path).stop_left_over()

        assert not stopped
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_fresh_forgets_everything(tmp_path: Path) -> None:
    engine = Engine(port=1, folder=tmp_path / "engine")
    (engine.folder / "state").mkdir(parents=True)

    engine.wipe()

    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the plainest way to say "empty"
