"""Season files: what is read, and that everything wrong with them is told with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huixue.seasons.model import BlockKind
from infra.demo.season import SEASON
from infra.ops.season_yaml import SeasonFileError, read_season, season_of
from infra.ops.yaml_files import document_of

TEXT = SEASON.read_text("utf-8")
DATA = yaml.safe_load(TEXT)


def refused(text: str) -> list[str]:
    with pytest.raises(SeasonFileError) as error:
        season_of(document_of(text, SEASON))
    assert error.value.next_step
    return [line.replace(f"{SEASON}:", "") for line in error.value.lines]


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


def test_the_demo_season_is_valid_and_has_something_of_everything() -> None:
    season = read_season(SEASON)

    edition = season.draft.edition
    assert {each.kind for each in edition.blocks} == set(get_args(BlockKind))
    assert {each.kind for each in edition.guides} == {"lesson", "promotion"}
    assert len(season.draft.streams) == 12
    assert all(20 <= len(slots) <= 30 for _, slots in season.draft.streams)
    assert season.check_in is not None
    assert season.check_in.make_up is not None
    assert season.tasks is not None
    assert [each.kind for each in season.tasks] == ["follow", "profile", "guide", "reservation"]
    assert [block.block_id for block in edition.blocks if block.kind == "market"] == [
        "farm-market", "farm-market-2", "farm-market-3",
    ]  # fmt: skip


def test_times_are_local_and_a_day_alone_is_inside_its_end() -> None:
    season = read_season(SEASON)

    streams = {stream.stream_id: stream for stream, _ in season.draft.streams}
    assert streams["skincare-2"].starts_at == datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    blocks = {each.block_id: each for each in season.draft.edition.blocks}
    assert blocks["autumn"].starts_at == datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    assert blocks["autumn"].ends_at == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert blocks["farm-market-2"].starts_at == datetime(2026, 11, 13, 2, 0, tzinfo=UTC)


def test_defaults_of_streams_hold_unless_one_says_otherwise() -> None:
    text = TEXT.replace(
        "    starts_at: 2026-11-03 20:00", "    starts_at: 2026-11-03 20:00\n    room: guest"
    )

    streams = {
        stream.stream_id: stream for stream, _ in season_of(document_of(text, SEASON)).draft.streams
    }

    assert streams["snacks-1"].room_id == "guest"
    assert streams["skincare-1"].room_id == "main"
    assert streams["skincare-1"].hosts == ("林未晚",)


def test_a_slot_written_out_is_as_written() -> None:
    slots = {stream.stream_id: slots for stream, slots in read_season(SEASON).draft.streams}

    first = slots["skincare-2"][0]

    assert first.slot_id == "skincare-2.opening-set"
    assert (first.price_fen, first.list_price_fen, first.offset_min) == (19990, 32900, 5)
    assert first.target is not None
    assert first.target.kind == "taobao_code"


MISTAKES = [
    ('season_id: autumn-2026', 'season_id: Autumn 2026', 'season_id: expected an id'),
    ('title: 秋日回血季', 'title: no', 'title: expected one line of text'),
    ('title: 秋日回血季', 'title:', 'title: expected one line of text'),
    ('title: 秋日回血季', 'titel: x', 'titel: expected one of the keys'),
    ('  main: products.csv', '  main: gone.csv', 'products.main: expected a product list without mistakes'),
    ('cycle: month', 'cycle: monthly', 'check_in.cycle: expected week, month, endless or {rolling: N}'),
    ('cycle: month', 'cycle: {rolling: 1}', 'check_in.cycle: expected week, month'),
    ('base_points: 2', 'base_points: 2.5', 'check_in.base_points: expected a whole number from 0'),
    ('base_points: 2', 'base_points: yes', 'check_in.base_points: expected a whole number from 0'),
    ('day_starts_at: "04:00"', 'day_starts_at: 4', 'check_in.day_starts_at: expected a time such as "04:00"'),
    (
        '{days: 28, points: 60, title: 全勤奖}',
        '{days: 32, points: 60}',
        'check_in.cumulative.2.days: expected 1 to 31',
    ),
    ('within_days: 7', 'within_days: 40', 'check_in.make_up.within_days: expected a whole number from 1 to 31'),
    ('subject: skincare-3', 'subject: skincare-9', 'tasks.3.subject: expected a stream of this file'),
    ('weekday: friday', 'weekday: 5', 'member_days.0.weekday: expected one of monday'),
    (
        'weekday: friday',
        'weekday: friday, on: 2026-11-11',
        'member_days.0: expected a title and either weekday or on',
    ),
    (
        'starts_at: 2026-11-05 20:00',
        'starts_at: 2026-02-30 20:00',
        'streams.1.starts_at: expected a date and time',
    ),
    ('starts_at: 2026-11-05 20:00', 'starts_at: 2026-11-05', 'streams.1.starts_at: expected a date and time'),
    ('stream_id: skincare-1', 'stream_id: snacks-1', 'streams.1.stream_id: expected each id only once'),
    ('price_yuan: 199.9', 'price_yuan: 199.999', 'price_yuan: expected an amount in yuan'),
    ('price_yuan: 199.9', 'price_yuan: 399.9', 'slots.0.list_price_yuan: expected'),
    ('at_min: 5', 'at_min: 500', 'slots.0.at_min: expected 0 to 239'),
    ('words: [敏感肌, 舒缓, 修护]', 'words: [不存在的词]', 'expected a selection that finds products of main'),
    (
        'kind: page, path: /pages/orders/index',
        'kind: page, url: https://huixue.example/',
        'target.path: expected a path of our own',
    ),
    (
        'allowed:\n  app_ids: [wx0123456789abcdef]',
        'allowed:\n  app_ids: []',
        'target.app_id: expected one of the app ids allowed',
    ),
    ('hosts: [mp.weixin.qq.com, ', 'hosts: [', 'target.url: expected an https address on one of the hosts'),
    ('partner: 青禾合作社', 'priority: 1', 'home.10.partner: expected of a market'),
    (
        'ends_at: 2026-11-22',
        'ends_at: 2026-10-22',
        'home.5.ends_at: expected an instant after its start, 2026-11-01 00:00',
    ),
    (
        '- {stream: snacks-3, all: true}',
        '- {stream: snacks-9, all: true}',
        'rows.1.stream: expected a stream of this file',
    ),
    (
        'product: opening-set, note',
        'product: opening-sets, note',
        'rows.0.product: expected a slot of a stream',
    ),
    (
        '- {stream: snacks-3, all: true}',
        '- {stream: snacks-3}',
        'rows.1: expected a stream and either product or all',
    ),
    ('zone: Asia/Shanghai', 'zone: Asia/Schanghai', 'zone: expected a time zone'),
    (
        '{from: main, brands: [小灶台日和]',
        '{from: mian, brands: [小灶台日和]',
        "from: expected one of the product lists (main), found 'mian'",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "said"), MISTAKES)
def test_what_is_wrong_is_told_with_line_key_and_expectation(
    before: str, after: str, said: str
) -> None:
    assert before in TEXT

    lines = refused(TEXT.replace(before, after, 1))

    assert any(said in each for each in lines), lines
    assert all(re.match(r"[0-9]+: |.*gone.csv", each) for each in lines)


def test_a_misspelt_key_is_told_on_its_own_line_with_what_was_meant() -> None:
    told = (
        f"{line_of('  base_points:')}: check_in.base_poits: expected one of the keys starts_on, ends_cycle, "
        "day_starts_at, cycle, base_points, consecutive, cumulative, make_up (did you mean base_points?), "
        "found 'base_poits'"
    )

    assert refused(TEXT.replace("base_points:", "base_poits:", 1)) == [told]


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    text = TEXT.replace("cycle: month", "cycle: moon", 1).replace("title: 会员群", "title: ''", 1)
    text = text.replace("season_id: autumn-2026", "season_id: A", 1)

    lines = refused(text)

    assert [int(line.partition(":")[0]) for line in lines] == [
        line_of("season_id:"), line_of("  cycle: month"), line_of("block_id: community"),
    ]  # fmt: skip


WRONG = st.sampled_from(
    [None, "", "x", -1, 10**18, True, [], ["x"], {}, {"x": "y"}, "2026-13-45", "\x00"]
)


IN_A_LINE = re.compile(r":[0-9]+: |.* is no product list")


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in pairs:
        yield (*path, key)
        yield from places(value, (*path, key))


PLACES = list(places(DATA))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PLACES), st.sampled_from(["drop", "retype", "misspell"]), WRONG)
def test_whatever_is_done_to_the_file_is_read_or_told_with_a_line(
    place: tuple[Any, ...], how: str, wrong: object
) -> None:
    data = deepcopy(DATA)
    inside = data
    for key in place[:-1]:
        inside = inside[key]
    if how == "retype":
        inside[place[-1]] = wrong
    else:
        value = inside.pop(place[-1])
        if how == "misspell" and isinstance(inside, dict):
            inside[f"{place[-1]}x"] = value
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)

    lines = told(text)

    assert lines is None or lines
    assert all(IN_A_LINE.match(line.removeprefix(str(SEASON))) for line in lines or ())


def told(text: str) -> list[str] | None:
    """None: it was read."""
    try:
        season_of(document_of(text, SEASON))
    except SeasonFileError as error:
        return error.lines
    return None


def test_dates_of_yaml_stay_what_the_file_says() -> None:
    season = read_season(SEASON)

    assert [each.on for each in season.draft.edition.member_days] == [None, date(2026, 11, 10)]


def test_a_list_that_is_missing_is_told_without_what_only_follows_from_it() -> None:
    lines = refused(TEXT.replace("  main: products.csv", "  main: gone.csv"))

    assert len(lines) == 2
    assert "products.main: expected a product list" in lines[0]
    assert lines[1].endswith(
        "gone.csv is no product list: it cannot be read: No such file or directory"
    )
