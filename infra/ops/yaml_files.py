"""YAML files of operators: read without surprises, every key with its line.

YAML would turn `0.10` into a float, `no` into a truth value and a repeated key into its last value; here numbers other
than plain whole ones stay text, and repeated keys, aliases, explicit tags and characters that cannot be shown or
stored are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from infra.ops.errors import OperatorError

KeyPath = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

_MAX_DEPTH = 20
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line break, and halves of characters, which only escapes can write: no store or
member could read them."""
_TAG = "tag:yaml.org,2002:"
_NEXT_STEP = "Correct the file and run the command again; nothing was published."


class YamlFileError(OperatorError):
    """`lines` holds one `file:line: …` for each problem."""

    def __init__(self, lines: list[str], *, next_step: str = _NEXT_STEP) -> None:
        super().__init__("\n".join(lines), next_step=next_step)
        self.lines = lines


@dataclass(slots=True)
class Document:
    """Plain data, and the line where each key or list position stands."""

    file: Path
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, path: KeyPath) -> int:
        """The line of the value, or of the nearest thing around it where the value is absent."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def refused(self, problems: Iterable[tuple[KeyPath, str]]) -> YamlFileError:
        """Every problem with its line, in the order of lines."""
        found = [(self.line_of(path), what) for path, what in problems]
        return YamlFileError(
            [f"{self.file}:{line}: {what}" for line, what in sorted(found, key=lambda one: one[0])]
        )


def read_document(file: Path, *, max_bytes: int) -> Document:
    """What the file holds. Raises YamlFileError, with the line, for what is no YAML or more than plain YAML."""
    return document_of(_text(file, max_bytes), file)


def document_of(text: str, file: Path) -> Document:
    """What this text holds; problems are told as if it stood in `file`. Raises YamlFileError."""
    try:
        _refuse_surprises(text, file)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = _line(error.problem_mark or error.context_mark)
        raise YamlFileError([f"{file}:{line}: not YAML: {error.problem}"]) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        told = f"not YAML: the character U+{ord(text[error.position]):04X} is not allowed"
        raise YamlFileError([f"{file}:{line}: {told}"]) from None
    except yaml.YAMLError as error:
        raise YamlFileError([f"{file}:1: not YAML: {type(error).__name__}"]) from None
    document = Document(file)
    document.data = None if node is None else _plain(node, (), document)
    return document


def _text(file: Path, max_bytes: int) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(max_bytes + 1)
    except OSError as error:
        raise YamlFileError([f"{file}: cannot be read: {error.strerror}"]) from None
    if len(content) > max_bytes:
        raise YamlFileError([f"{file}: larger than {max_bytes} bytes"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise YamlFileError([f"{file}:{line}: not UTF-8 text"]) from None


def _refuse_surprises(text: str, file: Path) -> None:
    """Event by event, so that a nest too deep is refused before it costs anything."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = _line(event.start_mark)
            raise YamlFileError([f"{file}:{line}: expected no alias (*{event.anchor})"])
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            line = _line(event.start_mark)
            raise YamlFileError([f"{file}:{line}: expected no tag ({_written(tag)})"])
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            line = _line(event.start_mark)
            raise YamlFileError([f"{file}:{line}: expected at most {_MAX_DEPTH} levels"])


def _written(tag: str) -> str:
    return f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else tag


def _plain(node: yaml.Node, path: KeyPath, document: Document) -> Any:
    document.lines.setdefault(path, _line(node.start_mark))
    if isinstance(node, yaml.MappingNode):
        return _plain_map(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, (*path, index), document) for index, each in enumerate(node.value)]
    _refuse_unfit(node, document)
    return _plain_scalar(node)


def _refuse_unfit(node: yaml.Node, document: Document) -> None:
    unfit = _UNFIT.search(str(node.value))
    if unfit is not None:
        line = _line(node.start_mark)
        told = f"expected no control character, found U+{ord(unfit[0]):04X}"
        raise YamlFileError([f"{document.file}:{line}: {told}"])


def _plain_map(node: yaml.MappingNode, path: KeyPath, document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlFileError([f"{document.file}:{line}: expected a plain key"])
        _refuse_unfit(key_node, document)
        key = str(key_node.value)
        if key in values:
            raise YamlFileError([f"{document.file}:{line}: the key {key} only once"])
        document.lines[*path, key] = line
        values[key] = _plain(value_node, (*path, key), document)
    return values


def _plain_scalar(node: yaml.Node) -> str | int | bool | None:
    text = str(node.value)
    if node.tag == f"{_TAG}null":
        return None
    if node.tag == f"{_TAG}bool":
        return text.lower() in {"true", "yes", "on"}
    if node.tag == f"{_TAG}int" and _WHOLE.fullmatch(text):
        return int(text)
    return text


def _line(mark: Any) -> int:
    """Counted from 1; `Any` because PyYAML has two kinds of marks without a common type."""
    return 1 if mark is None else int(mark.line) + 1
