"""What a walk-through says while it goes: a heading, and each answer beside what was expected."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import Console


@dataclass(slots=True, kw_only=True)
class Checks:
    console: Console
    wrong: list[str] = field(default_factory=list)
    """What was not as expected."""

    def say(self, text: str) -> None:
        self.console.print(f"[bold]{text}[/bold]")

    def check(self, what: str, found: object, expected: object) -> None:
        if found == expected:
            self.console.print(f"  [green]✓[/green] {what}: {_shown(found)}")
        else:
            self.wrong.append(what)
            self.console.print(
                f"  [red]✗ {what}: {_shown(found)}, expected {_shown(expected)}[/red]"
            )

    def play(self, steps: Iterable[Callable[[], None]]) -> bool:
        """One after the other; True if nothing was wrong until now."""
        for step in steps:
            started = time.monotonic()
            step()
            self.console.print(f"    [dim]{time.monotonic() - started:.1f} s[/dim]")
        return not self.wrong


def _shown(found: object) -> str:
    if isinstance(found, tuple):
        return " · ".join(_shown(each) for each in found if each is not None)
    if isinstance(found, list):
        return ", ".join(_shown(each) for each in found) or "none"
    return str(found)
