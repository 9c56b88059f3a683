"""Rules 10 and 11: event files and the README's tables say what the code says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

_METRIC = re.compile(r"([A-Z][a-z0-9]+){2,}")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def event_files(
    events: Mapping[str, list[str]],
    functions: list[str],
    nothing_to_refuse: Mapping[str, str],
    test_text: str,
) -> Iterator[str]:
    """`events`: folder → stems of its files; `test_text`: all tests of functions, joined."""
    for function in functions:
        stems = events.get(function, [])
        for kind in ("accepted", "refused"):
            if kind == "refused" and function in nothing_to_refuse:
                continue
            if not any(stem.startswith(kind) for stem in stems):
                yield f"events/{function}/ has no {kind}….json: show one invocation that is {kind}"
    for folder, stems in events.items():
        if folder not in functions:
            yield f"events/{folder}/ belongs to no function"
        for stem in stems:
            if f"{folder}/{stem}" not in test_text:
                yield f"events/{folder}/{stem}.json is unused: let a test of tests/functions read `{folder}/{stem}`"
    yield from (
        f"{function} is listed as having nothing to refuse, but it is gone"
        for function in nothing_to_refuse
        if function not in functions
    )


def first_cells(markdown: str, heading: str) -> list[str]:
    """The first column of the table below `## heading`, without its back-ticks; empty where there is none."""
    section = re.split(rf"^## {re.escape(heading)}\s*$", markdown, flags=re.MULTILINE)
    if len(section) < 2:
        return []
    body = re.split(r"^## ", section[1], flags=re.MULTILINE)[0]
    rows = [line for line in body.splitlines() if line.startswith("|")]
    return [row.split("|")[1].strip().strip("`") for row in rows[2:]]


def table(document: str, heading: str, listed: list[str], real: Iterable[str]) -> Iterator[str]:
    names = set(real)
    if not listed:
        yield f"{document} has no table under `## {heading}`"
        return
    yield from (
        f"{document}, {heading}: `{name}` is missing" for name in sorted(names - set(listed))
    )
    yield from (
        f"{document}, {heading}: `{name}` is listed, but the code has it no more"
        for name in sorted(set(listed) - names)
    )
    yield from (
        f"{document}, {heading}: `{name}` is listed twice"
        for name in sorted({name for name in listed if listed.count(name) > 1})
    )


def error_codes(modules: Mapping[str, ast.Module]) -> list[tuple[str, str]]:
    """(code, where) of every class with `code = "…"`: what it refuses is told apart by nothing else."""
    return [
        (code, f"{path} {node.name}")
        for path, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
        for code in _codes_of_class(node)
    ]


def unique_codes(codes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """No two error classes share a code: programs tell errors apart by nothing else."""
    holders: dict[str, list[str]] = {}
    for code, where in codes:
        holders.setdefault(code, []).append(where)
    for code, wheres in holders.items():
        if len(wheres) > 1:
            yield f"{code} is the code of {' and of '.join(wheres)}: give each its own"


def metric_names(modules: Iterable[ast.Module]) -> set[str]:
    """PascalCase literals given as the name to `count` or `add_metric`, also both arms of a conditional."""
    found: set[str] = set()
    for module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _called(node) in ("count", "add_metric"):
                given = [kw.value for kw in node.keywords if kw.arg == "name"] or node.args[:1]
                texts = {_text(part) for argument in given for part in ast.walk(argument)}
                found |= {text for text in texts if text is not None and _METRIC.fullmatch(text)}
    return found


def _codes_of_class(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if not isinstance(line, ast.Assign):
            continue
        code = _code(line.value)
        if code and any(
            isinstance(target, ast.Name) and target.id == "code" for target in line.targets
        ):
            yield code


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _code(node: ast.expr) -> str | None:
    text = _text(node)
    return text if text is not None and _CODE.fullmatch(text) else None
