"""Templates of the checkout as plain values, read with the loader that deploys them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from infra.ops import templates

REPOSITORY = Path(__file__).parents[2]


@cache
def load_template(path: Path) -> templates.Template:
    """Treat it as read-only: it is kept."""
    return templates.read(path)


def resources(path: Path, kind: str | None = None) -> dict[str, dict[str, Any]]:
    """Resources by logical id, all or those of one `Type`."""
    found: dict[str, dict[str, Any]] = load_template(path).get("Resources", {})
    return {name: body for name, body in found.items() if kind is None or body["Type"] == kind}
