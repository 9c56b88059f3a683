"""What a programme tells the other contexts: the terms of an order, and the policy of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from huixue.kernel.calendar import window_start
from huixue.kernel.policies import LedgerPolicy
from huixue.kernel.terms import CampaignTerms, Terms
from huixue.programme.model import Campaign, Programme, RoomPlatform, find_room

NO_LEVEL_PERCENT = 100
CONFIRMED_WITHIN_DAYS = 60
"""Platforms confirm receipt by themselves after two to six weeks; later is a dispute."""


def ledger_policy(programme: Programme, version: int) -> LedgerPolicy:
    """Everything the ledger asks, as this version says."""
    points = programme.points
    return LedgerPolicy(
        programme_id=programme.programme_id,
        version=version,
        zone_name=programme.zone,
        expiry=points.expiry,
        expiry_of=points.expiry_of,
        grace_days=points.grace_days,
        notice_days=points.notice_days,
        clawback=points.clawback,
        caps=points.caps,
        tiers=points.tiers,
        four_eyes_above_points=points.four_eyes_above_points,
        cost_milli_fen=points.cost_milli_fen,
        refund_ban=points.refund_ban,
    )


def terms_for(
    programme: Programme,
    version: int,
    room_id: str,
    platform: str,
    level: str | None,
    *,
    paid_at: datetime | None,
    now: datetime,
) -> Terms | None:
    """The terms now in force; `level` must be a verified one. None where the room does not sell there.

    With `paid_at` they hold the campaigns in force at that instant. Without (not paid yet, or lines paid at different
    times) those that a payment inside the window, or one still to come, can fall into; pricing decides by each line's
    own time of payment.
    """
    room = find_room(programme, room_id)
    selling = room.on(platform) if room is not None else None
    if selling is None:
        return None
    counted = next((each for each in selling.levels if each.level == level), None)
    offered = [each for each in programme.campaigns if each.is_for(room_id, platform)]
    since = window_start(now, paid_within_days(selling), programme.zone_info())
    return Terms(
        programme_id=programme.programme_id,
        programme_version=version,
        room_id=room_id,
        rule=f"{room_id}/{platform}",
        rate_milli=selling.rate_milli,
        multiplier_percent=counted.multiplier_percent if counted else NO_LEVEL_PERCENT,
        level=counted.level if counted else None,
        window_days=selling.window_days,
        window_clock=selling.window_clock,
        release_after_days=selling.release_after_days,
        credited_types=selling.credited_types,
        campaigns=tuple(_applicable(offered, paid_at, since)),
        zone_name=programme.zone,
    )


def _applicable(
    campaigns: list[Campaign], paid_at: datetime | None, since: datetime
) -> Iterator[CampaignTerms]:
    for each in campaigns:
        if each.ends_at > since if paid_at is None else each.starts_at <= paid_at < each.ends_at:
            yield CampaignTerms(
                campaign_id=each.campaign_id, kind=each.kind, value=each.value,
                starts_at=each.starts_at, ends_at=each.ends_at,
            )  # fmt: skip


def paid_within_days(selling: RoomPlatform) -> int:
    """How long ago an order inside the window can have been paid."""
    late = CONFIRMED_WITHIN_DAYS if selling.window_clock == "confirmed_at" else 0
    return selling.window_days + late


def is_staff(programme: Programme, account_ref: str) -> bool:
    return account_ref in programme.staff_account_refs
