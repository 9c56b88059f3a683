"""The same code, the same bytes: what makes "unchanged" visible."""

from __future__ import annotations

import importlib.util
import io
import os
import zipfile
from pathlib import Path

import pytest

from infra.ops import packaging
from infra.ops.errors import OperatorError

FILES = {"app.py": b"def handler(event, context):\n    return 1\n", "data.txt": b"x"}


def names_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_the_same_files_give_the_same_bytes_whatever_their_order_and_time(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a", FILES), written(tmp_path / "b" / "deep", FILES)
    os.utime(second / "app.py", (1, 1))
    interpreter = packaging.this_interpreter()

    archives = [
        packaging.zipped(packaging.compiled(packaging.source_files(folder), interpreter))
        for folder in (first, second)
    ]

    assert archives[0] == archives[1]
    assert packaging.zipped(FILES) == packaging.zipped(dict(reversed(FILES.items())))


def test_one_changed_byte_changes_the_key(tmp_path: Path) -> None:
    interpreter = packaging.this_interpreter()
    before = packaging.built("sign_in", FILES, interpreter, tmp_path)

    after = packaging.built("sign_in", {**FILES, "data.txt": b"y"}, interpreter, tmp_path)

    assert before.key != after.key
    assert after.key.startswith("code/sign_in/")


def test_what_was_built_from_the_same_files_is_taken_again(tmp_path: Path) -> None:
    interpreter = packaging.this_interpreter()
    packaging.built("sign_in", FILES, interpreter, tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"what was kept")

    assert packaging.built("sign_in", FILES, interpreter, tmp_path).content == b"what was kept"


def test_names_and_contents_are_told_apart_in_the_digest() -> None:
    assert packaging.digest_of({"a": b"bc"}) != packaging.digest_of({"ab": b"c"})
    assert packaging.digest_of({"a": b"b"}, "3.11") != packaging.digest_of({"a": b"b"}, "3.13")


def test_caches_hidden_files_and_old_bytecode_stay_behind(tmp_path: Path) -> None:
    written(
        tmp_path,
        {
            "huixue/model.py": b"",
            "huixue/__pycache__/model.cpython-311.pyc": b"old",
            "huixue/model.pyc": b"old",
            ".mypy_cache/x.json": b"{}",
            ".hidden": b"",
        },
    )

    assert packaging.source_files(tmp_path, prefix="python/") == {"python/huixue/model.py": b""}


def test_every_module_travels_with_bytecode_that_is_never_checked() -> None:
    compiled = packaging.compiled(FILES, packaging.this_interpreter())
    (name,) = set(compiled) - set(FILES)
    bytecode = compiled[name]

    assert Path(name).name == Path(importlib.util.cache_from_source("app.py")).name
    assert bytecode[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(bytecode[4:8], "little") == 0b01, "by hash, unchecked (PEP 552)"


def test_without_an_interpreter_of_the_right_version_no_bytecode_of_another_travels() -> None:
    assert packaging.compiled(FILES, None) == FILES


def test_a_file_that_does_not_compile_is_named() -> None:
    with pytest.raises(OperatorError, match=r"huixue/broken\.py: .*line 1"):
        packaging.compiled(
            {"huixue/broken.py": b"def (:\n", "huixue/fine.py": b""}, packaging.this_interpreter()
        )


def test_an_interpreter_that_is_not_there_is_not_found() -> None:
    this = packaging.this_interpreter()

    assert packaging.find_interpreter(this.version) == this
    assert packaging.find_interpreter("9.99") is None


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    packaging.write_whole(tmp_path / "new" / "file", b"one")
    packaging.write_whole(tmp_path / "new" / "file", b"two")

    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]
    assert (tmp_path / "new" / "file").read_bytes() == b"two"


def test_names_in_an_archive_are_sorted() -> None:
    assert names_in(packaging.zipped({"b": b"", "a": b""})) == ["a", "b"]
