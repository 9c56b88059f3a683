"""What a season file says besides streams: blocks of the home page, guides, member days, rules of check-ins, tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from huixue.kernel.check_ins import CycleKind, MakeUp, Milestone, Task
from huixue.seasons.model import (
    Audience,
    Block,
    Good,
    Guide,
    GuideRow,
    MemberDay,
    Slot,
    stream_of_slot,
)
from infra.ops import season_values as values
from infra.ops.product_lists import product_key
from infra.ops.season_file import (
    BlockPart,
    CheckInPart,
    GoodPart,
    GuidePart,
    MakeUpPart,
    MemberDayPart,
    MilestonePart,
    RowPart,
    TaskPart,
)


def blocks(part: BlockPart, zone: ZoneInfo) -> Iterator[Block]:
    """One for each week it comes in; the first has the id of the file, the others `-2`, `-3` … behind it."""
    audience = part.audience
    for week in range(part.weeks):
        yield Block(
            block_id=part.block_id if week == 0 else f"{part.block_id}-{week + 1}",
            kind=part.kind, title=part.title, subtitle=part.subtitle, image_url=part.image_url,
            target=values.target(part.target), goods=tuple(_good(each) for each in part.goods),
            partner=part.partner, disclaimer=part.disclaimer,
            starts_at=values.beginning(part.starts_at, zone, week),
            ends_at=values.end(part.ends_at, zone, week),
            audience=Audience() if audience is None else Audience(
                tags=_tags(audience.tags), joined_within_days=audience.joined_within_days,
            ),
            priority=part.priority, enabled=part.enabled, ended_text=part.ended_text,
        )  # fmt: skip


def guide(part: GuidePart, rows: Sequence[GuideRow], zone: ZoneInfo) -> Guide:
    return Guide(
        guide_id=part.guide_id, kind=part.kind, title=part.title, summary=part.summary,
        body=tuple(each.strip() for each in part.body), tags=_tags(part.tags), rows=tuple(rows),
        starts_at=values.beginning(part.starts_at, zone), ends_at=values.end(part.ends_at, zone),
        enabled=part.enabled, ended_text=part.ended_text,
    )  # fmt: skip


def guide_rows(part: RowPart, slots: Mapping[str, Sequence[Slot]]) -> list[GuideRow]:
    """The one slot it names, there or not, or all of the stream's. `slots`: by stream."""
    if not part.all_slots:
        product = product_key(str(part.product), "", "")
        return [GuideRow(slot_id=f"{part.stream}.{product}", note=part.note)]
    return [
        GuideRow(slot_id=slot.slot_id, note=part.note)
        for slot in slots.get(part.stream, ())
        if stream_of_slot(slot.slot_id) == part.stream
    ]


def member_day(part: MemberDayPart) -> MemberDay:
    return MemberDay(
        title=part.title,
        weekday=0 if part.weekday is None else values.WEEKDAYS.index(part.weekday) + 1,
        on=None if part.on is None else date.fromisoformat(part.on),
    )


def task(part: TaskPart, zone: ZoneInfo) -> Task:
    return Task(
        task_id=part.task_id, kind=part.kind, title=part.title, points=part.points,
        period=part.period, subject=part.subject,
        starts_at=values.beginning(part.starts_at, zone), ends_at=values.end(part.ends_at, zone),
    )  # fmt: skip


def cycle(part: CheckInPart) -> tuple[CycleKind, int]:
    """Kind and, of `rolling`, its days."""
    named: Mapping[str, CycleKind] = {"week": "week", "month": "month", "endless": "endless"}
    if isinstance(part.cycle, str):
        return named[part.cycle], 0
    return "rolling", part.cycle["rolling"]


def milestones(parts: Sequence[MilestonePart]) -> tuple[Milestone, ...]:
    return tuple(Milestone(days=each.days, points=each.points, title=each.title) for each in parts)


def make_up(part: MakeUpPart | None) -> MakeUp | None:
    if part is None:
        return None
    return MakeUp(
        within_days=part.within_days, per_month=part.per_month, prices=part.prices,
        rewards=part.rewards,
    )  # fmt: skip


def _good(part: GoodPart) -> Good:
    return Good(
        title=part.title, brand=part.brand, price_fen=values.optional_fen(part.price_yuan),
        image_url=part.image_url, target=values.target(part.target),
    )  # fmt: skip


def _tags(tags: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {group: tuple(named) for group, named in tags.items()}
