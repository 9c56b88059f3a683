"""One block by its link, which may be older than what the home page shows: what is over says so (CT-E3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import business_date
from huixue.kernel.errors import NotFoundError
from huixue.seasons.home import Viewer, is_for
from huixue.seasons.instants import ContentState, content_state, first_after, next_midnight
from huixue.seasons.model import Block, Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockView:
    block: Block
    state: ContentState
    """`ended` also where it was switched off or the file has it no more."""
    changes_at: datetime | None
    """When this answer may change by itself next."""


def block_at(edition: Edition, block_id: str, now: datetime, viewer: Viewer) -> BlockView:
    """Raises NotFoundError where there is none, and alike where it is not for her: nothing tells one from the other."""
    today = business_date(now, ZoneInfo(edition.zone))
    for block in edition.blocks:
        if block.block_id == block_id and is_for(block.audience, viewer, today):
            return BlockView(
                block=block, state=content_state(block, now), changes_at=_turn(block, edition, now)
            )
    raise NotFoundError("there is no such block")


def _turn(block: Block, edition: Edition, now: datetime) -> datetime | None:
    """With its window; at midnight a member may have joined too long ago."""
    by_days = next_midnight(now, edition.zone) if block.audience.joined_within_days else None
    window = (block.starts_at, block.ends_at) if block.enabled else ()
    return first_after(now, (*window, by_days))
