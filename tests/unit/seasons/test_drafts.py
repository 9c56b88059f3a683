"""What is wrong across the parts of a season file."""

from __future__ import annotations

from datetime import date
from pathlib import PurePosixPath

import pytest
from msgspec.structs import replace

from huixue.seasons.drafts import MAX_PRICE_FEN, Allowed, Path, SeasonDraft, problems_of
from huixue.seasons.model import (
    MAX_SLOTS,
    Block,
    Edition,
    Good,
    Guide,
    GuideRow,
    MemberDay,
    Slot,
    Stream,
    Target,
)
from tests.unit.seasons.fakes import BLOCKS, EDITION, GUIDE, NOW, STREAMS, draft, slots_of, stream

ALLOWED = Allowed(
    app_ids=frozenset({"wx123"}), hosts=frozenset({"mp.weixin.qq.com", ".example.com"})
)


def at(path: Path) -> str:
    return str(PurePosixPath(*map(str, path)))


def paths(written: SeasonDraft) -> list[str]:
    return [at(each.path) for each in problems_of(written, ALLOWED)]


def with_edition(**changes: object) -> SeasonDraft:
    return draft(edition=replace(EDITION, **changes))


def with_stream(changed: Stream, slots: tuple[Slot, ...]) -> SeasonDraft:
    return draft(((changed, slots),), replace(EDITION, guides=()))


def with_slot(**changes: object) -> SeasonDraft:
    return with_stream(STREAMS[0][0], (replace(STREAMS[0][1][0], **changes),))


def test_a_sound_season_has_no_problems() -> None:
    assert problems_of(draft(), ALLOWED) == []
    assert problems_of(draft((), Edition(programme_id="demo", season_id="s", title="空"))) == []


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (draft(edition=replace(EDITION, season_id="Autumn")), "season_id"),
        (draft((*STREAMS, STREAMS[0])), "streams/3/stream_id"),
        (with_edition(blocks=(*BLOCKS, BLOCKS[0])), "blocks/2/block_id"),
        (with_edition(guides=(GUIDE, GUIDE)), "guides/1/guide_id"),
        (with_edition(guides=(replace(GUIDE, ends_at=NOW, starts_at=NOW),)), "guides/0/ends_at"),
        (
            with_edition(guides=(replace(GUIDE, rows=(GuideRow(slot_id="s-1120.p9"),)),)),
            "guides/0/rows/0/slot_id",
        ),
        (with_edition(blocks=(replace(BLOCKS[0], block_id="A"),)), "blocks/0/block_id"),
        (with_edition(blocks=(replace(BLOCKS[0], title=" "),)), "blocks/0/title"),
        (with_edition(blocks=(replace(BLOCKS[1], ends_at=NOW.replace(year=2020)),)), "blocks/0/ends_at"),
        (with_edition(blocks=(replace(BLOCKS[0], image_url="http://a/b.png"),)), "blocks/0/image_url"),
        (
            with_edition(blocks=(replace(BLOCKS[0], goods=(Good(title=""),)),)),
            "blocks/0/goods/0/title",
        ),
        (
            with_edition(blocks=(Block(block_id="m", kind="market", title="集市", partner="云杉"),)),
            "blocks/0/disclaimer",
        ),
        (with_edition(member_days=(MemberDay(title="日"),)), "member_days/0"),
        (with_edition(member_days=(MemberDay(title="日", weekday=8),)), "member_days/0"),
        (
            with_edition(member_days=(MemberDay(title="日", weekday=1, on=date(2026, 11, 11)),)),
            "member_days/0",
        ),
        (with_stream(replace(STREAMS[0][0], stream_id="s.1"), ()), "streams/0/stream_id"),
        (with_stream(replace(STREAMS[0][0], lasts_min=0), ()), "streams/0/lasts_min"),
        (with_stream(STREAMS[0][0], slots_of("s-1128", 100)), "streams/0/slots/0/slot_id"),
        (with_slot(price_fen=-1), "streams/0/slots/0/price_fen"),
        (with_slot(list_price_fen=9800), "streams/0/slots/0/list_price_fen"),
        (with_slot(offset_min=240), "streams/0/slots/0/offset_min"),
        (with_slot(title="长" * 513), "streams/0/slots/0/title"),
    ],
)  # fmt: skip
def test_a_problem_is_named_where_it_lies(written: SeasonDraft, path: str) -> None:
    assert paths(written) == [path]


def test_a_slot_named_twice_is_named_at_both_places() -> None:
    twice = slots_of("s-1120", 100)

    assert paths(with_stream(STREAMS[0][0], twice + twice)) == [
        "streams/0/slots/0/slot_id",
        "streams/0/slots/1/slot_id",
    ]


def test_a_stream_has_a_bounded_number_of_slots() -> None:
    many = slots_of("s-1120", *range(1, MAX_SLOTS + 2))
    short = tuple(replace(each, offset_min=0) for each in many)

    (problem,) = problems_of(with_stream(stream("s-1120", "2026-11-20 20:00"), short), ALLOWED)

    assert (at(problem.path), problem.expected, problem.found) == (
        "streams/0/slots", "at most 300", "301",
    )  # fmt: skip


@pytest.mark.parametrize(
    "target",
    [
        Target(kind="page", path="pages/guide/index?guide_id=a"),
        Target(kind="mini_program", app_id="wx123", path="pages/index"),
        Target(kind="article", url="https://mp.weixin.qq.com/s/abc"),
        Target(kind="web", url="https://shop.example.com:443/a?b=c#d"),
        Target(kind="web", url="https://example.com"),
        Target(kind="channels", text="sph123"),
        Target(kind="taobao_code", text="￥abc￥"),
    ],
)
def test_a_target_on_the_list_is_fine(target: Target) -> None:
    assert paths(with_slot(target=target)) == []


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target(kind="page", path="https://evil.example"), "path"),
        (Target(kind="page"), "path"),
        (Target(kind="mini_program", app_id="wx999", path="pages/index"), "app_id"),
        (Target(kind="article", url="https://mp.weixin.qq.com.evil.example/s"), "url"),
        (Target(kind="web", url="http://shop.example.com"), "url"),
        (Target(kind="web", url="https://user@shop.example.com"), "url"),
        (Target(kind="web", url="https://evil.example\\@shop.example.com"), "url"),
        (Target(kind="web", url="https://evil.example\\.example.com"), "url"),
        (Target(kind="web", url="https://shop.example.com:8443"), "url"),
        (Target(kind="web", url="https://notexample.com"), "url"),
        (Target(kind="web", url="https://[bad"), "url"),
        (Target(kind="web", url="javascript:alert(1)"), "url"),
        (Target(kind="taobao_code", text=" "), "text"),
        (Target(kind="channels"), "text"),
    ],
)
def test_a_target_off_the_list_is_refused_wherever_it_stands(target: Target, name: str) -> None:
    good = Good(title="好物", target=target)
    block = replace(BLOCKS[0], target=target, goods=(good,))
    slot = replace(STREAMS[0][1][0], target=target)
    written = draft(
        ((replace(STREAMS[0][0], target=target), (slot,)),),
        replace(EDITION, blocks=(block,), guides=()),
    )

    assert paths(written) == [
        f"streams/0/target/{name}",
        f"streams/0/slots/0/target/{name}",
        f"blocks/0/target/{name}",
        f"blocks/0/goods/0/target/{name}",
    ]


def test_a_guide_without_rows_needs_no_streams() -> None:
    lesson = Guide(guide_id="lesson", kind="lesson", title="小课堂", body=("先保湿",))

    assert problems_of(draft((), replace(EDITION, guides=(lesson,)))) == []


def test_prices_are_told_in_yuan() -> None:
    slot = slots_of("s-1120", 1990)[0]
    wrong = (
        replace(slot, price_fen=MAX_PRICE_FEN + 1), replace(slot, slot_id="s-1120.b", price_fen=-5),
        replace(slot, slot_id="s-1120.c", list_price_fen=900),
    )  # fmt: skip

    found = problems_of(draft([(STREAMS[0][0], wrong)], replace(EDITION, guides=())))

    assert [(each.expected, each.found) for each in found] == [
        ("0 to 9999999.99 yuan", "10000000"), ("0 to 9999999.99 yuan", "-0.05"),
        ("19.90 to 9999999.99 yuan", "9"),
    ]  # fmt: skip
