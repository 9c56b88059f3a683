"""A season of invented brands, and a store in memory that behaves as the real one (tests/stores/test_seasons.py holds
both to the same contract)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from huixue.seasons import records
from huixue.seasons.drafts import SeasonDraft
from huixue.seasons.model import (
    Block,
    Edition,
    Guide,
    GuideRow,
    MemberDay,
    Month,
    SeasonChangedError,
    Slot,
    Slots,
    Stream,
    Target,
)
from huixue.seasons.ports import MAX_PARTS
from huixue.seasons.publishing import Published, publish

PROGRAMME = "demo"
SEASON = "autumn-2026"
ZONE = "Asia/Shanghai"


def local(text: str) -> datetime:
    """`2026-11-20 20:00` as clocks in Shanghai show it."""
    return (datetime.fromisoformat(text) - timedelta(hours=8)).replace(tzinfo=UTC)


NOW = local("2026-11-20 12:00")


def stream(stream_id: str, starts: str, **changes: object) -> Stream:
    """As a file says it; `starts` is local."""
    at = local(starts)
    facts: dict[str, object] = {
        "stream_id": stream_id,
        "season_id": SEASON,
        "title": f"{stream_id} 直播",
        "planned_starts_at": at,
        "starts_at": at,
        "changed_at": NOW,
    }
    return Stream(**(facts | changes))  # type: ignore[arg-type]  # facts by name, as the tests say them


def slots_of(stream_id: str, *prices_fen: int) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            slot_id=f"{stream_id}.p{n}",
            brand="云杉",
            title=f"云杉 保湿面霜 {n} 号",
            price_fen=price,
            offset_min=5 * n,
        )
        for n, price in enumerate(prices_fen)
    )


BLOCKS = (
    Block(
        block_id="shop",
        kind="entry",
        title="积分商城",
        target=Target(kind="page", path="pages/shop"),
    ),
    Block(
        block_id="double",
        kind="banner",
        title="双十一攻略",
        starts_at=local("2026-11-01 00:00"),
        ends_at=local("2026-11-21 00:00"),
        ended_text="活动已结束",
    ),
)
GUIDE = Guide(
    guide_id="double-eleven",
    kind="promotion",
    title="双十一清单",
    rows=(GuideRow(slot_id="s-1120.p0"), GuideRow(slot_id="s-1128.p1", note="第二件半价")),
    ended_text="清单已下线",
)
EDITION = Edition(
    programme_id=PROGRAMME,
    season_id=SEASON,
    title="秋季",
    zone=ZONE,
    blocks=BLOCKS,
    guides=(GUIDE,),
    member_days=(MemberDay(title="会员日", weekday=5),),
)
STREAMS = (
    (stream("s-1120", "2026-11-20 20:00"), slots_of("s-1120", 9900, 12900)),
    (stream("s-1128", "2026-11-28 20:00"), slots_of("s-1128", 5900, 7900)),
    (stream("s-1205", "2026-12-05 20:00"), slots_of("s-1205", 19900)),
)


def draft(
    streams: Sequence[tuple[Stream, tuple[Slot, ...]]] = STREAMS, edition: Edition = EDITION
) -> SeasonDraft:
    return SeasonDraft(
        season_id=edition.season_id,
        programme_id=edition.programme_id,
        title=edition.title,
        zone=edition.zone,
        edition=edition,
        streams=tuple(streams),
    )


class MemorySeasons:
    """`SeasonStore` in memory; counts what it is asked."""

    def __init__(self) -> None:
        self.editions: dict[tuple[str, int], Edition] = {}
        self.stored_months: dict[tuple[str, str], Month] = {}
        self.stored_slots: dict[tuple[str, str], Slots] = {}
        self.asked: list[str] = []
        self.writes: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    def edition(self, programme_id: str, *, consistent: bool = False) -> Edition | None:
        self.asked.append("edition")
        versions = [version for of, version in self.editions if of == programme_id]
        return self.editions[programme_id, max(versions)] if versions else None

    def edition_version(self, programme_id: str, version: int) -> Edition | None:
        return self.editions.get((programme_id, version))

    def months(
        self, programme_id: str, months: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Month]:
        self.asked.append("months")
        keys = [(programme_id, each) for each in months]
        return {key[1]: self.stored_months[key] for key in keys if key in self.stored_months}

    def all_months(self, programme_id: str) -> Mapping[str, Month]:
        return self.months(programme_id, sorted(key[1] for key in self.stored_months))

    def months_from(self, programme_id: str, month: str) -> Mapping[str, Month]:
        keys = sorted(key[1] for key in self.stored_months if key[0] == programme_id)
        return self.months(programme_id, [each for each in keys if each >= month])

    def slots(
        self, programme_id: str, stream_ids: Sequence[str], *, consistent: bool = False
    ) -> Mapping[str, Slots]:
        self.asked.append("slots")
        keys = [(programme_id, each) for each in stream_ids]
        return {key[1]: self.stored_slots[key] for key in keys if key in self.stored_slots}

    def must_fit(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        records.transaction_items(programme_id, months, slots)

    def must_fit_edition(self, edition: Edition) -> None:
        records.edition_item(edition, records.edition_key(edition.programme_id))

    def write(self, programme_id: str, months: Sequence[Month], slots: Sequence[Slots]) -> None:
        if not 0 < len(months) + len(slots) <= MAX_PARTS:
            raise ValueError("too many parts")
        new_months = {(programme_id, each.month): each for each in months}
        new_slots = {(programme_id, each.stream_id): each for each in slots}
        _check(self.stored_months, new_months)
        _check(self.stored_slots, new_slots)
        self.stored_months |= new_months
        self.stored_slots |= new_slots
        self.writes.append(
            (tuple(each.month for each in months), tuple(each.stream_id for each in slots))
        )

    def publish(self, edition: Edition) -> None:
        before = self.edition(edition.programme_id)
        if edition.version != (before.version if before else 0) + 1:
            raise SeasonChangedError("another edition")
        self.editions[edition.programme_id, edition.version] = edition


def _check(
    stored: Mapping[tuple[str, str], Month | Slots], new: Mapping[tuple[str, str], Month | Slots]
) -> None:
    for key, part in new.items():
        stands = stored.get(key)
        if stands != part and part.revision != (stands.revision if stands else 0) + 1:
            raise SeasonChangedError("another revision")


def published(
    store: MemorySeasons | None = None, now: datetime = NOW
) -> tuple[MemorySeasons, Published]:
    store = store or MemorySeasons()
    return store, publish(draft(), store=store, now=now)


def standing(store: MemorySeasons, stream_id: str) -> Stream:
    slots = store.stored_slots[PROGRAMME, stream_id]
    month = store.stored_months[PROGRAMME, slots.month]
    return next(each for each in month.streams if each.stream_id == stream_id)
