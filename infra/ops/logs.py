"""`huixue logs`: what the functions said lately, one line each, failures with their reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from infra.ops.deployment import LOCAL, Deployment, load
from infra.ops.refusals import told_to_operator

_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
_SHOWN_APART = frozenset({"level", "service", "message", "timestamp", "location", "exception"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    said_at: datetime
    level: str
    service: str
    message: str
    rest: str
    exception: str


def logs(
    minutes: Annotated[int, typer.Option(help="How far to look back.")] = 15,
    failures: Annotated[bool, typer.Option("--failures", help="Warnings and errors only.")] = False,
    stage: Annotated[str, typer.Option(help="Which deployment.")] = LOCAL,
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
) -> None:
    """Show what the functions logged; with --failures only what went wrong, and why."""
    console = Console(highlight=False, soft_wrap=True)
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    with told_to_operator():
        for line in lines(load(stage, region=region), since):
            if not failures or line.level in _COLOURS:
                _show(line, console)


def lines(deployment: Deployment, since: datetime) -> Iterator[Line]:
    """Oldest first within each page. Metrics and the runtime's own records are left out."""
    pages = deployment.client("logs").get_paginator("filter_log_events")
    for page in pages.paginate(
        logGroupName=deployment.output("FunctionsLogGroupName"),
        startTime=int(since.timestamp() * 1000),
    ):
        for event in page.get("events", []):
            line = line_from(event)
            if line is not None:
                yield line


def line_from(event: dict[str, Any]) -> Line | None:
    """None for what nobody reads: metrics, and records of the runtime that are no failures."""
    text = event["message"].strip()
    said_at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        if not text or text.startswith(("START ", "END ", "REPORT ", "INIT_START ")):
            return None
        return Line(said_at=said_at, level="ERROR", service="", message=text, rest="", exception="")
    if "_aws" in content or str(content.get("type", "")).startswith("platform."):
        return None
    rest = {name: value for name, value in content.items() if name not in _SHOWN_APART}
    return Line(
        said_at=said_at,
        level=str(content.get("level", "INFO")),
        service=str(content.get("service", "")),
        message=str(content.get("message", "")),
        rest=json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else "",
        exception=str(content.get("exception", "")),
    )


def _show(line: Line, console: Console) -> None:
    colour = _COLOURS.get(line.level, "dim")
    said_at = line.said_at.astimezone().strftime("%H:%M:%S")
    head = f"{said_at} [{colour}]{line.level:<7}[/{colour}] {escape(line.service):<12}"
    console.print(f"{head} {escape(line.message)} [dim]{escape(line.rest)}[/dim]")
    if line.exception:
        console.print(escape(line.exception))
