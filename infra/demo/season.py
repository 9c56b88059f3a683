"""The season that ships, on other days: one of its streams is tonight."""

from __future__ import annotations

import re
from datetime import date, timedelta

from infra.ops.project import CHECKOUT
from infra.ops.season_yaml import Season, season_of
from infra.ops.yaml_files import document_of

SEASON = CHECKOUT / "infra" / "demo" / "season.yaml"
TONIGHT = "skincare-2"
"""The stream that is today at 20:00."""

_DATE = re.compile(r"\b2[0-9]{3}-[0-9]{2}-[0-9]{2}\b")


def shifted(text: str, today: date, *, tonight: str = TONIGHT) -> str:
    """The text of a season file with every date moved by the same whole days, so that `tonight` starts on `today`.
    Raises ValueError where it has no such stream."""
    start = re.search(
        rf"stream_id: {re.escape(tonight)}\n(?:(?!\s*- stream_id:).*\n)*?\s*starts_at: ({_DATE.pattern})",
        text,
    )
    if start is None:
        raise ValueError(f"the season has no stream {tonight}")
    by = today - date.fromisoformat(start[1])
    return _DATE.sub(lambda found: _moved(found[0], by), text)


def demo_season(today: date) -> Season:
    """The season that ships as it is published today."""
    return season_of(document_of(shifted(SEASON.read_text("utf-8"), today), SEASON))


def _moved(day: str, by: timedelta) -> str:
    return (date.fromisoformat(day) + by).isoformat()
