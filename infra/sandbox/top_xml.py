"""The gateway's default format: the same answer as elements, a list as its element repeated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(value: Mapping[str, object]) -> str:
    """A whole document; characters XML cannot hold are left out."""
    return '<?xml version="1.0" encoding="utf-8" ?>' + _children(value)


def _children(value: Mapping[str, object]) -> str:
    return "".join(_element(name, part) for name, part in value.items())


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, part) for part in value)
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: object) -> str:
    if isinstance(value, Mapping):
        return _children(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_NOT_XML.sub("", "" if value is None else str(value)))
