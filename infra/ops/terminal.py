"""How a deployment looks to its operator: steps as they happen, changes as a table, failures in red."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

    from infra.ops.stacks import ChangeSet

_COLOURS = {"Add": "green", "Modify": "yellow", "Remove": "red"}


class TerminalWatcher:
    """Prints to stderr, so that what a program reads from stdout stays clean.

    `asks` is whether the operator confirms each change set; `shows_changes` whether all are listed.
    """

    def __init__(self, *, asks: bool, shows_changes: bool) -> None:
        self._asks = asks
        self._shows_changes = shows_changes
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)

    def step(self, text: str) -> None:
        self._console.print(f"[cyan]•[/cyan] {text}")

    def warn(self, text: str) -> None:
        self._console.print(f"[yellow]![/yellow] {text}")

    def unchanged(self, stack: str) -> None:
        self._console.print(f"[dim]  {stack} is as wanted[/dim]")

    def agrees(self, change_set: ChangeSet) -> bool:
        if self._shows_changes:
            self._console.print(change_table(change_set))
        else:
            self._console.print(f"[dim]  {len(change_set.changes)} changes[/dim]")
        if not self._asks:
            return True
        return typer.confirm(
            f"Deploy these changes of {change_set.stack}?", default=False, err=True
        )

    def event(self, event: StackEventTypeDef) -> None:
        status = event.get("ResourceStatus", "")
        failed = status.endswith("_FAILED") or "ROLLBACK" in status
        if self._shows_changes or failed:
            colour = "red" if failed else "green" if status.endswith("_COMPLETE") else "dim"
            reason = event.get("ResourceStatusReason", "") if failed else ""
            name = event.get("LogicalResourceId", "")
            self._console.print(f"[{colour}]  {status:<28}[/{colour}] {name} {reason}")


def change_table(change_set: ChangeSet) -> Table:
    table = Table(title=f"Changes of {change_set.stack}", title_justify="left")
    for heading in ("", "resource", "type", "replaced"):
        table.add_column(heading, overflow="fold")
    for change in sorted(change_set.changes, key=lambda one: (one.action, one.logical_id)):
        colour = _COLOURS.get(change.action, "white")
        replaced = change.replacement if change.replacement in ("True", "Conditional") else ""
        action = f"[{colour}]{change.action}[/{colour}]"
        table.add_row(action, change.logical_id, change.resource_type, replaced)
    return table


def pairs_table(title: str, pairs: Mapping[str, str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in pairs.items():
        table.add_row(name, value)
    return table
