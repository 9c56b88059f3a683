"""A small season for the tests of its surfaces, published as an operator's command publishes one."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from huixue.edge import bootstrap, season_desk
from huixue.edge.settings import settings
from huixue.seasons import changing
from huixue.seasons.drafts import SeasonDraft, problems_of
from huixue.seasons.model import (
    Audience,
    Block,
    Edition,
    Good,
    Guide,
    GuideRow,
    MemberDay,
    Slot,
    SlotState,
    Stream,
    Target,
)
from huixue.seasons.publishing import publish
from huixue.seasons.store import DynamoDbSeasons
from tests.engines.clock import FrozenClock
from tests.functions.http import Answered, call
from tests.functions.stage import Stage

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""12:00 of Friday, 20 November 2026, in Shanghai; the season was published the evening before."""
PUBLISHED_AT = NOON - timedelta(hours=16)
TONIGHT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
"""Where 21 November begins in Shanghai."""
PAGE = Target(kind="page", path="/pages/mall")


def store() -> DynamoDbSeasons:
    return DynamoDbSeasons(bootstrap.database(), settings().seasons_table_name)


def published(
    programme_id: str = "demo",
    change: Callable[[SeasonDraft], SeasonDraft] = lambda draft: draft,
    *,
    at: datetime = PUBLISHED_AT,
) -> SeasonDraft:
    draft = change(season(programme_id))
    assert problems_of(draft) == []
    publish(draft, store=store(), now=at)
    return draft


def season(programme_id: str = "demo") -> SeasonDraft:
    """Streams tonight, on Wednesday and in December; blocks of every kind; guides in every state."""
    streams = (
        stream("st-1120", TONIGHT, theme="护肤之夜", slots=12),
        stream("st-1125", TONIGHT + timedelta(days=5), theme="彩妆专场", slots=3),
        stream("st-1203", TONIGHT + timedelta(days=13), theme="返场"),
    )
    edition = Edition(
        programme_id=programme_id, season_id="winter", title="",
        blocks=blocks(), guides=guides(),
        member_days=(
            MemberDay(title="会员日", weekday=3),
            MemberDay(title="年度狂欢", on=datetime(2026, 11, 11, tzinfo=UTC).date()),
        ),
    )  # fmt: skip
    return SeasonDraft(
        season_id="winter", programme_id=programme_id, title="回血直播日历", zone="Asia/Shanghai",
        edition=edition, streams=streams,
    )  # fmt: skip


def stream(
    stream_id: str, starts_at: datetime, *, theme: str = "", slots: int = 2
) -> tuple[Stream, tuple[Slot, ...]]:
    found = Stream(
        stream_id=stream_id, season_id="winter", title=f"{theme}直播", theme=theme, color="#FF6699",
        hosts=("小美", "阿宁"), platform="taobao", room_id="main", planned_starts_at=starts_at,
        starts_at=starts_at, target=Target(kind="taobao_code", text="￥abc123￥"), slot_count=slots,
        changed_at=PUBLISHED_AT,
    )  # fmt: skip
    return found, tuple(slot(stream_id, number) for number in range(slots))


def slot(stream_id: str, number: int) -> Slot:
    return Slot(
        slot_id=f"{stream_id}.p{number}", brand="木语", title=f"保湿面霜 {number} 号",
        price_fen=12_900 + number, list_price_fen=19_900, offset_min=10 * number,
        image_url="https://img.example.com/p.jpg", target=PAGE,
    )  # fmt: skip


def blocks() -> tuple[Block, ...]:
    dry = Audience(tags={"skin_type": ("dry",)})
    return (
        Block(block_id="mall", kind="entry", title="积分商城", target=PAGE),
        Block(
            block_id="tonight-only", kind="banner", title="今晚有直播", subtitle="八点见",
            image_url="https://img.example.com/b.jpg", ends_at=MIDNIGHT, priority=5,
        ),
        Block(block_id="always", kind="banner", title="欢迎"),
        Block(
            block_id="picks", kind="featured", title="本周精选",
            goods=(Good(title="面霜", brand="木语", price_fen=9_900, target=PAGE),),
        ),
        Block(
            block_id="farm", kind="market", title="集市", partner="云上农场",
            disclaimer="订单与物流由第三方提供", starts_at=NOON - timedelta(days=1),
            ends_at=NOON + timedelta(days=1), goods=(Good(title="橙子", price_fen=3_900),),
        ),
        Block(block_id="muyu", kind="brand", title="木语"),
        Block(block_id="for-dry", kind="notice", title="干皮看过来", audience=dry),
        Block(block_id="hidden", kind="notice", title="关掉的", enabled=False),
    )  # fmt: skip


def guides() -> tuple[Guide, ...]:
    rows = tuple(
        GuideRow(slot_id=each, note="必买") for each in ("st-1120.p0", "st-1120.p1", "st-1125.p0")
    )
    return (
        Guide(guide_id="double11", kind="promotion", title="大促攻略", body=("先看时间",), rows=rows),
        Guide(
            guide_id="masks", kind="lesson", title="面膜怎么敷", summary="三步", body=("洁面", "敷"),
            tags={"skin_type": ("dry", "sensitive")},
        ),
        Guide(
            guide_id="summer", kind="promotion", title="夏季攻略", body=("过时的内容",),
            ended_text="夏季活动已结束", ends_at=NOON - timedelta(days=30),
        ),
        Guide(guide_id="off", kind="lesson", title="下架的", enabled=False, ended_text="内容已下架"),
        Guide(
            guide_id="soon", kind="lesson", title="明天见", body=("还没到",),
            starts_at=NOON + timedelta(days=1),
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Season:
    """The published season of one test, under a programme of its own on a shared stage; the clock stands at noon."""

    stage: Stage
    clock: FrozenClock
    programme_id: str

    @property
    def member_id(self) -> str:
        """Of a member of this programme: nobody of another test."""
        return f"mem_{self.programme_id}"

    def token(self, member_id: str | None = None) -> str:
        return self.stage.token(member_id or self.member_id, self.programme_id)

    def call(self, function: str, *, cold: bool = True, **changes: Any) -> Answered:
        """`cold`: in a container that has nothing in memory."""
        if cold:
            self.stage.container_of = ""
        return call(self.stage, function, **{"token": self.token()} | changes)

    def feed_key(self, generation: int = 1) -> str:
        return season_desk.feed_key(self.programme_id, generation)

    def publish(
        self,
        change: Callable[[SeasonDraft], SeasonDraft] = lambda draft: draft,
        *,
        at: datetime = PUBLISHED_AT,
    ) -> None:
        published(self.programme_id, change, at=at)

    def move(self, stream_id: str, starts_at: datetime, reason: str = "改期") -> None:
        changing.move(
            self.programme_id, stream_id, starts_at, reason, store=store(), now=self.clock.now()
        )

    def cancel(self, stream_id: str, reason: str = "主播生病") -> None:
        changing.cancel(self.programme_id, stream_id, reason, store=store(), now=self.clock.now())

    def restore(self, stream_id: str) -> None:
        changing.restore(self.programme_id, stream_id, store=store(), now=self.clock.now())

    def set_slot(self, slot_id: str, state: SlotState) -> None:
        changing.set_slot_state(
            self.programme_id, slot_id, state, store=store(), now=self.clock.now()
        )


_numbers = itertools.count(1)


@contextmanager
def running_season(stage: Stage) -> Iterator[Season]:
    season = Season(stage, FrozenClock(NOON), f"season-{next(_numbers)}")
    season.publish()
    with stage.at(season.clock):
        yield season


def with_edition(draft: SeasonDraft, **changes: object) -> SeasonDraft:
    return dataclasses.replace(draft, edition=replace(draft.edition, **changes))
