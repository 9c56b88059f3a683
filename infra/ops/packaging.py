"""Code → archives for Lambda. The same code gives the same bytes, so the key in the bucket (a digest) says
whether anything changed: unchanged code is neither uploaded nor deployed again.

Every `.py` travels with an unchecked-hash `.pyc`: Lambda's code folders are read-only and archives lose file
times, so without it every cold start would compile everything (2.4 times as long).
"""

from __future__ import annotations

import hashlib
import io
import py_compile
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

from infra.ops.errors import OperatorError

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can hold
_LEFT_OUT_FOLDERS = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    name: str
    content: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def key(self) -> str:
        """Where it lies in the artifacts bucket; another byte, another key."""
        return f"code/{self.name}/{self.digest[:40]}.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """Who compiles: its `version` (such as `3.13`) must be the one that will run the code."""

    version: str
    program: str

    @property
    def is_this_one(self) -> bool:
        return self.program == sys.executable


def this_interpreter() -> Interpreter:
    return Interpreter(
        version=f"{sys.version_info.major}.{sys.version_info.minor}", program=sys.executable
    )


def find_interpreter(version: str) -> Interpreter | None:
    """The interpreter of that version: this one, or `python<version>` on the path if it really starts."""
    if version == this_interpreter().version:
        return this_interpreter()
    program = f"python{version}"
    try:
        said = subprocess.run(
            [program, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if said.returncode != 0 or said.stdout.strip() != version:
        return None
    return Interpreter(version=version, program=program)


def source_files(folder: Path, *, prefix: str = "") -> dict[str, bytes]:
    """Files of a folder by their name in the archive; caches, compiled and hidden files are left out."""
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in _LEFT_OUT_FOLDERS for part in parts)
        if hidden or path.suffix in (".pyc", ".pyo") or not path.is_file():
            continue
        files[prefix + "/".join(parts)] = path.read_bytes()
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The same files give the same bytes: sorted names, one fixed time, one mode."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=_FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def compile_folder(folder: Path, interpreter: Interpreter) -> None:
    """Put an unchecked-hash `.pyc` beside every `.py`; names inside are independent of where the folder lies.

    Raises `OperatorError` naming the files that do not compile.
    """
    here = interpreter.is_this_one
    faults = _compile_here(folder) if here else _compile_elsewhere(folder, interpreter)
    if faults:
        raise OperatorError(
            f"Python {interpreter.version} could not compile:\n{faults.strip()}",
            next_step="Correct the files it names (`make check` says more), then run the command again.",
        )


def _compile_here(folder: Path) -> str:
    faults: list[str] = []
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        try:
            py_compile.compile(
                str(path),
                dfile=f"/{name}",
                doraise=True,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
        except py_compile.PyCompileError as error:
            faults.append(f"{name}: {error.exc_value}")
    return "\n".join(faults)


def _compile_elsewhere(folder: Path, interpreter: Interpreter) -> str:
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", "/"]
    command = [interpreter.program, "-m", "compileall", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    return "" if done.returncode == 0 else done.stdout + done.stderr or "(no reason was given)"


def compiled(files: Mapping[str, bytes], interpreter: Interpreter | None) -> dict[str, bytes]:
    """The files and their bytecode; without an interpreter of the right version, the files alone."""
    if interpreter is None:
        return dict(files)
    with tempfile.TemporaryDirectory(prefix="huixue-compile-") as name:
        folder = Path(name)
        for file_name, content in files.items():
            path = folder / file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        compile_folder(folder, interpreter)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


def digest_of(files: Mapping[str, bytes], *context: str) -> str:
    """One digest of names, contents and whatever else decides what is built from them."""
    whole = hashlib.sha256()
    for part in (*context, ""):
        whole.update(f"{len(part)}:{part}".encode())
    for name in sorted(files):
        whole.update(f"{len(name)}:{name}{len(files[name])}:".encode())
        whole.update(files[name])
    return whole.hexdigest()


def built(
    name: str, files: Mapping[str, bytes], interpreter: Interpreter | None, cache: Path
) -> Archive:
    """Compile and zip, or take what was built from the same files before."""
    version = interpreter.version if interpreter else "no bytecode"
    kept = cache / f"{name}-{digest_of(files, version)[:40]}.zip"
    if kept.is_file():
        return Archive(name=name, content=kept.read_bytes())
    content = zipped(compiled(files, interpreter))
    write_whole(kept, content)
    return Archive(name=name, content=content)


def write_whole(path: Path, content: bytes) -> None:
    """The file is there whole or not at all, whoever else builds at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
        part.write(content)
    Path(part.name).replace(path)
