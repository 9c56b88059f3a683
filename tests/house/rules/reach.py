"""What the code of a function can come to: a walk over what it refers to, by name.

Functions and methods are places; a place leads to every function it names and, for each attribute it calls, to the
methods of that name of every class met so far. That is wider than what really runs, and never narrower.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Place = tuple[str, str]
"""Module and name, `edge.outbox` and `SqsOutbox.match`."""


@dataclass(slots=True)
class Module:
    """The names of one source file."""

    definitions: dict[str, ast.AST] = field(default_factory=dict)
    classes: dict[str, list[str]] = field(default_factory=dict)
    imports: dict[str, Place] = field(default_factory=dict)
    """Alias → the place it stands for; the name is empty where it is a module."""


def read_module(tree: ast.Module, known: Iterable[str]) -> Module:
    """`known` are the dotted names of our own modules."""
    names = set(known)
    module = Module()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name):
                module.definitions[name] = node
            case ast.ClassDef(name=name):
                methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
                module.classes[name] = [each.name for each in methods]
                module.definitions |= {f"{name}.{each.name}": each for each in methods}
            case ast.Assign(targets=[ast.Name(id=name)]):
                module.definitions[name] = node
            case ast.ImportFrom(module=str(source)):
                for alias in node.names:
                    whole = f"{source}.{alias.name}"
                    place = (whole, "") if whole in names else (source, alias.name)
                    module.imports[alias.asname or alias.name] = place
    return module


@dataclass(slots=True)
class Reached:
    """String constants, and attributes with the module that names them: `("huixue.edge.outbox", "send_message")`."""

    strings: set[str] = field(default_factory=set)
    attributes: set[Place] = field(default_factory=set)


def reached_from(modules: Mapping[str, Module], start: Place) -> Reached:
    waiting, seen = [start], set[Place]()
    classes: set[Place] = set()
    attributes: set[str] = set()
    found = Reached()
    while waiting:
        place = waiting.pop()
        if place in seen or place[0] not in modules:
            continue
        seen.add(place)
        module = modules[place[0]]
        if place[1] in module.classes:
            classes.add(place)
        elif place[1] in module.definitions:
            for node in ast.walk(module.definitions[place[1]]):
                waiting += _leads_to(node, place[0], module)
                if isinstance(node, ast.Attribute):
                    attributes.add(node.attr)
                    found.attributes.add((place[0], node.attr))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.strings.add(node.value)
        waiting += [
            (source, f"{name}.{method}")
            for source, name in classes
            for method in modules[source].classes[name]
            if method in attributes or method == "__init__"
        ]
    return found


def _leads_to(node: ast.AST, here: str, module: Module) -> list[Place]:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            source, inside = module.imports.get(name, ("", ""))
            return [(source, attribute)] if source and not inside else []
        case ast.Name(id=name) if name in module.imports:
            return [module.imports[name]]
        case ast.Name(id=name):
            return [(here, name)]
    return []
