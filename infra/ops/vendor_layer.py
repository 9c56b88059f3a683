"""The layer of pinned third-party packages: installed for its target, trimmed, compiled, kept by content.

Trimmed means: no tests, no installers' metadata, and of botocore only the data of services the functions call.
That is the difference between 30 MB and 5 MB unzipped, and a fifth of a cold start.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.ops import packaging
from infra.ops.errors import OperatorError
from infra.ops.project import LAMBDA_PYTHON

SERVICES = ("dynamodb", "s3", "secretsmanager", "sqs", "sts")
"""Services whose botocore data stay; a client of any other raises `UnknownServiceError` in a function."""
PARTITIONS = ("aws", "aws-cn")
UNUSED = (
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui-bundle.min.js",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui.min.css",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            "auth_alpha",
            "circuit_breaker",
            "data_masking",
            "feature_flags",
            "idempotency",
            "kafka",
            "parser",
            "streaming",
        )
    ),
    "bin",
)
"""Parts of packages that nothing here imports; `tests/unit/ops/test_vendor_layer.py` imports what is used."""
_TRIM_VERSION = "4"  # count up when trimming changes, so that no old build is taken
_INSTALL_TIMEOUT_S = 600
_TZDATA_KEPT = ("Asia", "Etc")  # business calendars here are China's; UTC lies in both places


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whose machine the wheels are for."""

    name: str
    python_version: str
    platform: str | None
    """A wheel platform tag, or None for this machine."""


def local_target() -> Target:
    version = packaging.this_interpreter().version
    return Target(name="local", python_version=version, platform=None)


LAMBDA_TARGET = Target(name="lambda", python_version=LAMBDA_PYTHON, platform="manylinux2014_x86_64")


def build(
    requirements: Path, target: Target, interpreter: packaging.Interpreter | None, cache: Path
) -> packaging.Archive:
    """May be repeated: what was built from the same pins for the same target is taken from `cache`.

    Raises `OperatorError` where packages cannot be installed.
    """
    pins = {"requirements.txt": requirements.read_bytes()}
    compiled_by = interpreter.version if interpreter else "no bytecode"
    key = packaging.digest_of(pins, _TRIM_VERSION, repr(target), compiled_by, sys.version)[:40]
    kept = cache / f"vendor-{target.name}-{key}.zip"
    if not kept.is_file():
        packaging.write_whole(kept, _built(pins, target, interpreter))
    return packaging.Archive(name="vendor", content=kept.read_bytes())


def _built(
    pins: Mapping[str, bytes], target: Target, interpreter: packaging.Interpreter | None
) -> bytes:
    with tempfile.TemporaryDirectory(prefix="huixue-vendor-") as name:
        work, layer = Path(name), Path(name) / "layer"
        for file_name, content in pins.items():
            (work / file_name).write_bytes(content)
        _install(work, layer / "python", target)
        trim(layer / "python")
        if interpreter is not None:
            packaging.compile_folder(layer, interpreter)
        return packaging.zipped(
            {
                p.relative_to(layer).as_posix(): p.read_bytes()
                for p in layer.rglob("*")
                if p.is_file()
            }
        )


def _install(work: Path, destination: Path, target: Target) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-compile", "--no-input", "--target", str(destination)]
    # Nothing but what is pinned; what that needs is pinned too, and tests/smoke imports every function with it.
    command += ["--no-deps", "-r", str(work / "requirements.txt")]
    if target.platform is not None:
        command += ["--platform", target.platform, "--python-version", target.python_version]
        command += ["--only-binary=:all:", "--implementation", "cp"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise OperatorError(
            f"the vendor layer could not be installed for {target.name}:\n{done.stderr.strip()}",
            next_step="Check the network and the package index of pip, then run the command again.",
        )


def trim(site: Path) -> None:
    """Take out of an installed folder what no function needs. May be repeated."""
    for path in sorted(site.rglob("*"), reverse=True):
        if path.is_dir() and (path.name in ("tests", "__pycache__") or path.suffix == ".dist-info"):
            shutil.rmtree(path)
        elif path.is_file() and path.suffix in (".pyc", ".pyi", ".c", ".pyx"):
            path.unlink()
    for name in UNUSED:
        _remove(site / name)
    if (site / "botocore" / "data").is_dir():
        _trim_botocore(site / "botocore" / "data")
    if (site / "tzdata" / "zoneinfo").is_dir():
        _trim_tzdata(site / "tzdata" / "zoneinfo")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _trim_tzdata(zones: Path) -> None:
    for path in zones.iterdir():
        if path.is_dir() and path.name not in _TZDATA_KEPT:
            shutil.rmtree(path)


def _trim_botocore(data: Path) -> None:
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            shutil.rmtree(folder)
    for service in SERVICES:
        *old, newest = sorted(path for path in (data / service).iterdir() if path.is_dir())
        for folder in old:
            shutil.rmtree(folder)
        for path in newest.iterdir():
            if path.name.startswith(("examples-", "waiters-")):
                path.unlink()
            elif path.name.startswith("service-2.json"):
                _without_documentation(path)
    _few_partitions(data / "endpoints.json")


def _without_documentation(path: Path) -> None:
    """A service model without prose, not gzipped: smaller to read and quicker to parse."""
    raw = path.read_bytes()
    model = _stripped(json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw))
    path.unlink()
    plain = path.with_name(re.sub(r"\.gz$", "", path.name))
    plain.write_text(json.dumps(model, separators=(",", ":")), "utf-8")


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        # The key stays: botocore reads it in S3's clientContextParams. A member called so is a map, not prose.
        return {
            key: "" if key == "documentation" and isinstance(inner, str) else _stripped(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_stripped(inner) for inner in value]
    return value


def _few_partitions(path: Path) -> None:
    endpoints = json.loads(path.read_text("utf-8"))
    kept = []
    for partition in endpoints["partitions"]:
        if partition["partition"] in PARTITIONS:
            services = partition["services"]
            partition["services"] = {name: services[name] for name in SERVICES if name in services}
            kept.append(partition)
    endpoints["partitions"] = kept
    path.write_text(json.dumps(endpoints, separators=(",", ":")), "utf-8")
