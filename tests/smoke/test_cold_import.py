"""Every function is imported as Lambda does it: a fresh interpreter, its own folder and the two layers, nothing else.

The environment is empty and neither network nor child processes are to be had, so whatever a module does at import
beyond defining things fails here; and so does a package that the vendor layer was trimmed of.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.cloudformation import REPOSITORY
from tests.smoke.layer import DOMAIN, unpacked_vendor_layer

FUNCTIONS = REPOSITORY / "functions"
NAMES = sorted(path.parent.name for path in FUNCTIONS.glob("*/app.py"))
IMPORT_TIMEOUT_S = 60
# -I: no environment, no user site; -S: no site-packages, so only what is put on the path here
PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:]
FORBIDDEN = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.posix_spawn"}
def refuse(event, arguments):
    if event in FORBIDDEN:
        raise RuntimeError(f"{event} at import")
sys.addaudithook(refuse)
import app
assert callable(app.handler), "app.handler is no function"
"""


@pytest.fixture(scope="session")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked_vendor_layer(tmp_path_factory.mktemp("vendor_layer"))


def imported(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", PROGRAM]
    return subprocess.run(
        [*command, *map(str, paths)],
        env={},
        capture_output=True,
        text=True,
        timeout=IMPORT_TIMEOUT_S,
        check=False,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_imported_with_its_layers_and_an_empty_environment(
    name: str, vendor: Path
) -> None:
    done = imported(FUNCTIONS / name, DOMAIN, vendor)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os\nTABLE = os.environ['ORDERS_TABLE_NAME']", "KeyError: 'ORDERS_TABLE_NAME'"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "at import"),
        ("import moto", "No module named 'moto'"),
        ("def other(): ...", "has no attribute 'handler'"),
    ],
)
def test_work_at_import_and_foreign_packages_are_found(
    tmp_path: Path, source: str, said: str
) -> None:
    (tmp_path / "app.py").write_text(source)

    done = imported(tmp_path, DOMAIN)

    assert done.returncode != 0
    assert said in done.stderr
