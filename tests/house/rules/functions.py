"""Rules about function folders and their resources; each returns sentences that say what to mend."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.house.checkout import named, syntax_of

MAX_APP_LINES = 60
MAX_BODY_LINES = 15
FUNCTION = "AWS::Serverless::Function"


def functions_of(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Properties of the function resources by logical id."""
    return {
        logical_id: body.get("Properties", {})
        for logical_id, body in template.get("Resources", {}).items()
        if body["Type"] == FUNCTION
    }


def folder_of(properties: Mapping[str, Any]) -> str:
    """`functions/submit_order/` → `submit_order`; empty where the code lies elsewhere."""
    parts = Path(str(properties.get("CodeUri", ""))).parts
    return parts[1] if len(parts) == 2 and parts[0] == "functions" else ""


def logical_id_of(folder: str) -> str:
    return "".join(word.capitalize() for word in folder.split("_")) + "Function"


def pairs(template: Mapping[str, Any], folders: list[str]) -> Iterator[str]:
    """Rule 1: folders and resources match one to one, and every handler is `app.handler`."""
    functions = functions_of(template)
    shown = {folder_of(properties): logical_id for logical_id, properties in functions.items()}
    for logical_id, properties in functions.items():
        folder = folder_of(properties)
        if folder not in folders:
            yield f"{logical_id}: CodeUri must be functions/<an existing folder>/, not {properties.get('CodeUri')}"
        elif logical_id != logical_id_of(folder):
            yield f"{logical_id}: call it {logical_id_of(folder)}, after its folder"
        handler = _with_globals(template, properties, "Handler")
        if handler != "app.handler":
            yield f"{logical_id}: Handler must be app.handler, not {handler}"
    yield from (
        f"functions/{name} has no resource in template.yaml"
        for name in folders
        if name not in shown
    )
    if len(shown) < len(functions):
        yield "two functions share one folder: give each its own"


def one_runtime(template: Mapping[str, Any], version: str) -> Iterator[str]:
    """One Lambda runtime, named once in Globals, the one that code is compiled for."""
    runtime = template.get("Globals", {}).get("Function", {}).get("Runtime")
    if runtime != f"python{version}":
        yield f"Globals.Function.Runtime is {runtime}, but code is compiled for python{version}"
    for logical_id, body in template.get("Resources", {}).items():
        properties = body.get("Properties", {})
        if "Runtime" in properties:
            yield f"{logical_id}: take Runtime out, Globals name it"
        compatible = properties.get("CompatibleRuntimes", [runtime])
        if compatible != [runtime]:
            yield f"{logical_id}: CompatibleRuntimes must be [{runtime}]"


def one_short_file(folder: Path) -> Iterator[str]:
    """Rule 2: exactly one Python file, short, whose functions are the steps of one handler."""
    inside = sorted(p.name for p in folder.iterdir() if p.name != "__pycache__")
    if inside != ["app.py"]:
        found = ", ".join(inside) or "nothing"
        yield f"{named(folder)} must hold app.py alone, not {found}: the rest belongs in the layer"
        return
    yield from short_app(folder / "app.py")


def short_app(app: Path) -> Iterator[str]:
    lines = len(app.read_text("utf-8").splitlines())
    if lines > MAX_APP_LINES:
        yield f"{named(app)} has {lines} lines, at most {MAX_APP_LINES}: move what it decides into the layer"
    defined = [node for node in ast.walk(syntax_of(app)) if isinstance(node, ast.FunctionDef)]
    for node in defined:
        length = body_lines(node)
        if length > MAX_BODY_LINES:
            yield f"{named(app)}: {node.name} has a body of {length} lines, at most {MAX_BODY_LINES}"
    if "handler" not in _top_names(syntax_of(app)):
        yield f"{named(app)} has no `handler`"


def _top_names(module: ast.Module) -> set[str]:
    """What the module defines or assigns at its top."""
    assigned = [
        target for node in module.body if isinstance(node, ast.Assign) for target in node.targets
    ]
    functions = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    return {*functions, *(target.id for target in assigned if isinstance(target, ast.Name))}


def body_lines(node: ast.FunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def _with_globals(template: Mapping[str, Any], properties: Mapping[str, Any], name: str) -> Any:
    return properties.get(name, template.get("Globals", {}).get("Function", {}).get(name))
