"""What the commands on streams work with, and what operators type for times and reasons."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import typer

from huixue.kernel.calendar import SystemClock
from huixue.seasons.model import Edition, SeasonNotFoundError
from huixue.seasons.ports import SeasonStore
from infra.ops.deployment import load
from infra.ops.errors import OperatorError
from infra.ops.season_publishing import season_doors

_REASON_CHARS = 100
_YEARS = range(2000, 2201)
"""Outside of them a year is mistyped, and sums of times could leave the calendar."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_BOTH = re.compile(
    rf"{_DAY.pattern}[ T]{_TIME.pattern}(:[0-9]{{2}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """A programme's streams on a deployment."""

    store: SeasonStore
    programme_id: str
    edition: Edition
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.edition.zone)


def streams_at(stage: str, region: str | None, programme_id: str) -> At:
    """Raises SeasonNotFoundError."""
    store = season_doors(load(stage, region=region)).seasons
    edition = store.edition(programme_id, consistent=True)
    if edition is None:
        raise SeasonNotFoundError(f"no season was published for {programme_id} in {stage}")
    return At(store=store, programme_id=programme_id, edition=edition, now=SystemClock().now())


def time_of(text: str, near: datetime) -> datetime:
    """`2026-11-20 20:00` in the zone of `near` or with an offset; a time alone is on the day of `near`, a day alone at
    its time. In UTC. Raises OperatorError, also for years out of reason."""
    if _TIME.fullmatch(text):
        text = f"{near:%Y-%m-%d} {text}"
    elif _DAY.fullmatch(text):
        text = f"{text} {near:%H:%M}"
    try:
        found = datetime.fromisoformat(text if _BOTH.fullmatch(text) else "")
        if found.year in _YEARS:
            return (found if found.tzinfo else found.replace(tzinfo=near.tzinfo)).astimezone(UTC)
    except ValueError:
        raise OperatorError(
            f"{text!r} is no time", next_step='Write it like "2026-11-20 20:00", or 21:30.'
        ) from None
    raise OperatorError(
        f"{text!r} is no time: years are {_YEARS[0]} to {_YEARS[-1]}",
        next_step='Write it like "2026-11-20 20:00"; nothing was changed.',
    )


def reason_of(text: str) -> str:
    told = text.strip()
    if not told or len(told) > _REASON_CHARS or not told.isprintable():
        raise OperatorError(
            f"a reason is one line of at most {_REASON_CHARS} characters",
            next_step="Say it with --reason: members read it.",
        )
    return told


def print_facts(facts: object) -> None:
    typer.echo(json.dumps(facts, ensure_ascii=False))
