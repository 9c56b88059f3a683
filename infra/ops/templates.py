"""Read CloudFormation templates: YAML with short tags (`!Ref`, `!Sub`, …) → the long form as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

Template = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """SafeLoader plus the intrinsic functions; builds plain values only."""


def _intrinsic(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        raise yaml.YAMLError(f"!{name} holds neither a value, a list nor a map")
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def parse(text: str) -> Template:
    """May be repeated. Raises `yaml.YAMLError` where the text is no YAML, `ValueError` where it is no map."""
    parsed = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with intrinsics added
    if not isinstance(parsed, dict):
        raise ValueError("a template is a map of sections")  # noqa: TRY004 - it is the text's fault
    return parsed


def read(path: Path) -> Template:
    return parse(path.read_text("utf-8"))
