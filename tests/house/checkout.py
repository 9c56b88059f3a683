"""What the house rules look at: the folders, sources and templates of this checkout."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.engines.cloudformation import REPOSITORY, load_template

FUNCTIONS = REPOSITORY / "functions"
EVENTS = REPOSITORY / "events"
TESTS = REPOSITORY / "tests"
RUNTIME_CODE = REPOSITORY / "layers" / "domain" / "python" / "huixue"
TEMPLATE = REPOSITORY / "template.yaml"
DATA = REPOSITORY / "infra" / "data.yaml"
OBSERVABILITY = REPOSITORY / "infra" / "observability.yaml"

__all__ = ["REPOSITORY", "load_template"]

_NOT_OURS = frozenset({"__pycache__", "build", "dist", "node_modules"})


def function_names() -> list[str]:
    """Folders of `functions/`, sorted."""
    if not FUNCTIONS.is_dir():
        return []
    return sorted(p.name for p in FUNCTIONS.iterdir() if p.is_dir() and p.name not in _NOT_OURS)


def files(*suffixes: str, below: Path = REPOSITORY) -> Iterator[Path]:
    """Files of the project with one of these suffixes, without anything installed, built or hidden."""
    for path in sorted(below.iterdir()):
        if path.name.startswith(".") or path.name in _NOT_OURS or path.is_symlink():
            continue
        if path.is_dir():
            yield from files(*suffixes, below=path)
        elif path.suffix in suffixes:
            yield path


def sources(below: Path = REPOSITORY) -> Iterator[Path]:
    yield from files(".py", below=below)


def runtime_sources() -> dict[str, Path]:
    """Dotted name → file, of the domain layer and of every function (`functions.submit_order`)."""
    layer = RUNTIME_CODE.parent
    named_files = {
        path.relative_to(layer).with_suffix("").as_posix().replace("/", "."): path
        for path in sources(RUNTIME_CODE)
    }
    return named_files | {
        f"functions.{name}": FUNCTIONS / name / "app.py" for name in function_names()
    }


@cache
def syntax_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def named(path: Path) -> str:
    """A path as people write it: from the top of the checkout; in full where it lies elsewhere."""
    inside = path.is_relative_to(REPOSITORY)
    return path.relative_to(REPOSITORY).as_posix() if inside else str(path)


def text_of(path: Path) -> str:
    """A document's text; where there is none, the rule that needs it fails with a sentence."""
    if not path.is_file():
        pytest.fail(f"{named(path)} is missing: write it", pytrace=False)
    return path.read_text("utf-8")


def nothing_to_mend(problems: Iterable[str]) -> None:
    """Fails with the sentences themselves, one a line, and no trace around them."""
    listed = list(problems)
    if listed:
        pytest.fail("\n".join(listed), pytrace=False)
