"""What the campaigns of a written programme must look like; their order is the order in which they are applied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from huixue.kernel.terms import CampaignKind
from huixue.programme.model import Campaign, Room
from huixue.programme.reading import Node, Reader
from huixue.programme.words import (
    PLATFORMS,
    choices_of,
    differ_by,
    end_of,
    id_of,
    start_of,
    title_of,
)

_VALUES: dict[str, tuple[int, int]] = {
    "multiply": (101, 1000), "add": (1, 1000), "fixed": (1, 1_000_000),
}  # fmt: skip
"""Lowest and highest value of each kind: a campaign never takes points away."""
_MAX_CAMPAIGNS = 100
_KEYS = (
    "campaign_id", "title", "kind", "value", "starts_at", "ends_at", "rooms", "platforms",
)  # fmt: skip
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for a time that is a problem already."""


def campaigns_of(
    node: Node, reader: Reader, *, rooms: Sequence[Room], zone: ZoneInfo
) -> tuple[Campaign, ...]:
    """`rooms` are those of the programme; times without an offset are times of `zone`."""
    nodes = reader.items(node, at_least=0, at_most=_MAX_CAMPAIGNS)
    campaigns = tuple(_campaign(each, reader, rooms, zone) for each in nodes)
    differ_by(nodes, "campaign_id", reader)
    return campaigns


def _campaign(node: Node, reader: Reader, rooms: Sequence[Room], zone: ZoneInfo) -> Campaign:
    of = reader.map_of(node, _KEYS)
    kind = reader.choice(of["kind"], tuple(_VALUES))
    low, high = _VALUES.get(kind, (1, 1_000_000))
    room_ids = [room.room_id for room in rooms]
    starts_at, ends_at = _period(of["starts_at"], of["ends_at"], reader, zone)
    campaign = Campaign(
        campaign_id=id_of(of["campaign_id"], reader),
        title=title_of(of["title"], reader),
        kind=cast("CampaignKind", kind),
        value=reader.whole(of["value"], low, high),
        starts_at=starts_at,
        ends_at=ends_at,
        rooms=choices_of(of["rooms"], reader, room_ids, "room", at_least=1),
        platforms=choices_of(of["platforms"], reader, PLATFORMS, "platform", at_least=1),
    )
    _check_is_for_somebody(campaign, of["platforms"], reader, rooms)
    return campaign


def _period(start: Node, end: Node, reader: Reader, zone: ZoneInfo) -> tuple[datetime, datetime]:
    starts_at, ends_at = start_of(start, reader, zone), end_of(end, reader, zone)
    if starts_at is not None and ends_at is not None and starts_at >= ends_at:
        reader.wrong(end, "a time after starts_at")
    return starts_at or _NEVER, ends_at or _NEVER


def _check_is_for_somebody(
    campaign: Campaign, platforms: Node, reader: Reader, rooms: Sequence[Room]
) -> None:
    """Names that are wrong are told where they stand; this is for right ones that do not go together."""
    if "" in (*campaign.rooms, *campaign.platforms):
        return
    selling = [(room.room_id, each.platform) for room in rooms for each in room.platforms]
    if selling and not any(campaign.is_for(*each) for each in selling):
        reader.wrong(platforms, "a platform on which one of the campaign's rooms sells")
