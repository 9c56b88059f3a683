"""What a season file or its lists cannot say: told with line and words of the operator, and nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from huixue.seasons.changing import move
from huixue.seasons.drafts import MAX_PRICE_FEN
from infra.ops.season_publish import is_season
from infra.ops.season_publishing import change_of, publish_season
from infra.ops.season_schema import problems_of_shape
from infra.ops.season_yaml import Season, SeasonFileError, read_season, season_of
from infra.ops.yaml_files import document_of
from tests.engines.tables import TableNames
from tests.unit.ops.season_stage import NOW, SeasonStage, season_stage

HEAD = "season_id: s1\nprogramme_id: demo\ntitle: t\n"
STREAM = "  - {stream_id: a, title: x, starts_at: 2026-12-01 20:00, slots: [%s]}\n"
SLOT = "{brand: b, title: c, price_yuan: %s}"


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SeasonStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return season_stage(dynamodb, tables, tmp_path)


def season(text: str, folder: Path = Path()) -> Season:
    return season_of(document_of(HEAD + text, folder / "season.yaml"))


def refused(text: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(SeasonFileError) as error:
        season(text, folder)
    return [line.removeprefix(f"{folder / 'season.yaml'}:") for line in error.value.lines]


def test_a_wrong_price_of_a_list_is_told_in_yuan_with_the_products_own_line(tmp_path: Path) -> None:
    rows = "brand,title,price,list_price\nb,cream,3,5\nb,serum,15.5,9\nb,mask,99999999,\n"
    (tmp_path / "list.csv").write_text(rows, "utf-8")

    told = refused(
        "products: {main: list.csv}\nstreams:\n" + STREAM % "{from: main, order_by: list}", tmp_path
    )

    assert told == [
        f"6: streams.0.slots.0.{key}: expected {low} to 9999999.99 yuan, found {found}"
        for key, low, found in (
            ("list_price_yuan", "15.50", "9 (list.csv:3, serum)"),
            ("price_yuan", "0", "99999999 (list.csv:4, mask)"),
        )
    ]


def test_addresses_of_a_list_are_judged_for_products_that_are_taken(tmp_path: Path) -> None:
    rows = "brand,title,price,image,url\nb,cream,1,http://i,https://u@x\nc,serum,1,http://i,\n"
    (tmp_path / "list.csv").write_text(rows, "utf-8")
    text = "products: {main: list.csv}\nstreams:\n" + STREAM

    told = refused(text % "{from: main, brands: [b]}", tmp_path)
    (tmp_path / "list.csv").write_text(rows + "d,mask,1,,\n", "utf-8")
    ((_, slots),) = season(text % "{from: main, brands: [d]}", tmp_path).draft.streams

    assert told == [
        f"6: streams.0.slots.0.{key}: expected {what} that begins with https:// and has at most 500 characters, "
        f"found '{found}' (list.csv:2, cream)"
        for key, what, found in (
            ("image", "the address of a picture", "http://i"),
            ("url", "an address", "https://u@x"),
        )
    ]
    assert [each.title for each in slots] == ["mask"]


@pytest.mark.parametrize(("amount", "fits"), [("9999999.99", True), ("10000000", False)])
def test_a_price_has_one_bound_in_the_schema_and_behind_it(amount: str, *, fits: bool) -> None:
    text = HEAD + "streams:\n" + STREAM % (SLOT % amount)

    assert (not problems_of_shape(document_of(text, Path("s.yaml")).data)) == fits
    if fits:
        ((_, (slot,)),) = season_of(document_of(text, Path("s.yaml"))).draft.streams
        assert slot.price_fen == MAX_PRICE_FEN


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("streams:\n  - {stream_id: a, title: x, starts_at: %s}\n", "streams.0.starts_at"),
        ("home:\n  - {block_id: a, kind: entry, title: x, starts_at: %s}\n", "home.0.starts_at"),
        ("guides:\n  - {guide_id: a, kind: lesson, title: x, ends_at: %s}\n", "guides.0.ends_at"),
        (
            "tasks:\n  - {task_id: a, kind: follow, title: x, points: 1, ends_at: %s}\n",
            "tasks.0.ends_at",
        ),
    ],
)
def test_times_that_no_clock_shows_are_refused(text: str, place: str) -> None:
    written = "zone: America/New_York\n" + text

    (told,) = refused(written % "2026-03-08 02:30")

    assert told.endswith(
        f"{place}: expected a time that clocks of America/New_York show, found '2026-03-08 02:30'"
    )
    assert season(written % "2026-03-08 03:30")
    assert season(written % "2026-11-01 01:30"), "shown twice: the first counts"


def test_a_week_in_which_clocks_do_not_show_the_time_is_refused() -> None:
    text = (
        "zone: America/New_York\nhome:\n  - {block_id: a, kind: entry, title: x, "
        "starts_at: 2026-03-01 02:30, weeks: %s}\n"
    )

    assert season(text % 1)
    assert len(refused(text % 2)) == 1


@pytest.mark.parametrize("key", ["streams", "home", "guides", "check_in", "member_days"])
def test_a_season_without_its_id_is_read_as_one(key: str) -> None:
    assert is_season({"seasonid": "x", key: None})
    assert not is_season({"programme_id": "demo", "title": "t"})
    assert not is_season([key])


def test_a_season_without_its_id_is_told_so(at: SeasonStage) -> None:
    said = at.said("publish", str(at.file(("season_id:", "seasonid:"))), code=1)

    assert "seasonid: expected one of the keys" in said
    assert "season_id: expected an id" in said


def test_a_stream_that_is_over_is_told_with_the_line_of_its_new_start(at: SeasonStage) -> None:
    text = at.file().read_text("utf-8")
    first = season_of(document_of(text, at.folder / "season.yaml"))
    publish_season(first, at=at.doors, now=NOW - timedelta(days=365))
    stream = first.draft.streams[0][0]
    items, over = at.items(), stream.ends_at
    was = f"starts_at: {stream.starts_at + timedelta(hours=8):%Y-%m-%d %H:%M}"
    other = season_of(
        document_of(text.replace(was, "starts_at: 2990-01-01 20:00", 1), at.folder / "season.yaml")
    )

    with pytest.raises(SeasonFileError) as refused:
        change_of(other, at=at.doors, now=over)

    (told,) = refused.value.lines
    assert told.endswith(
        f":{text[: text.index(was)].count(chr(10)) + 1}: streams.0.starts_at: expected "
        f"{was[11:]} as planned: {stream.stream_id} is over, found 2990-01-01 20:00"
    )
    for step in ("ids of their own", "huixue stream restore", "huixue stream move", "12 h after"):
        assert step in refused.value.next_step
    assert at.items() == items
    assert change_of(first, at=at.doors, now=over)


def test_a_moved_stream_that_is_over_is_told_with_both_starts_that_it_may_have(
    at: SeasonStage,
) -> None:
    head = HEAD + "streams:\n  - {stream_id: a, title: x, starts_at: 2026-12-%s}\n"
    file = at.folder / "season.yaml"
    first, other, moved = (
        season_of(document_of(head % day, file)) for day in ("01 20:00", "05 20:00", "02 21:00")
    )
    publish_season(first, at=at.doors, now=NOW)
    start = moved.draft.streams[0][0].starts_at
    move("demo", "a", start, "改期", store=at.doors.seasons, now=NOW)

    with pytest.raises(SeasonFileError) as refused:
        change_of(other, at=at.doors, now=start + timedelta(days=1))

    (told,) = refused.value.lines
    assert told.endswith(
        "season.yaml:5: streams.0.starts_at: expected 2026-12-01 20:00 as planned or 2026-12-02 21:00"
        " as it stands: a is over, found 2026-12-05 20:00"
    )
    for accepted in (first, moved):
        assert change_of(accepted, at=at.doors, now=start + timedelta(days=1))


def test_a_preview_refuses_what_a_publication_would(at: SeasonStage) -> None:
    at.told("publish", str(at.file()))
    wrong = {
        "zone: expected Asia/Shanghai": ("zone: Asia/Shanghai", "zone: Asia/Tokyo"),
        "stream_defaults.room: expected a room of demo": ("  room: main", "  room: mian"),
        "check_in.starts_on: expected": (
            "  cycle: month", "  starts_on: 2020-01-01\n  cycle: endless",
        ),
        "no programme dmeo is published": ("programme_id: demo", "programme_id: dmeo"),
    }  # fmt: skip

    for said, change in wrong.items():
        file = str(at.file(change))
        previewed = at.said("preview", file, code=1)

        assert said in previewed
        assert previewed == at.said("publish", file, "--dry-run", code=1)


def test_what_is_too_large_is_refused_in_the_dry_run_and_no_rule_is_written(
    at: SeasonStage,
) -> None:
    file = at.file()
    at.told("publish", str(file))
    items = at.items()
    signs = Random(1).choices(range(0x4E00, 0x9FA5), k=1000)
    body = [
        "".join(map(chr, Random(n).sample(signs, k=len(signs)))) for n in range(len(signs) // 5)
    ]
    guides = "".join(
        f"  - {{guide_id: zz{n}, kind: lesson, title: x, body: [{', '.join(body[n * 20 : n * 20 + 20])}]}}\n"
        for n in range(10)
    )
    at.file(("\nguides:\n", f"\nguides:\n{guides}"), ("base_points: 2", "base_points: 3"))

    dry, wet = (at.said("publish", str(file), *words, code=1) for words in (["--dry-run"], []))

    for said in (dry, wet):
        assert "SEASON_TOO_LARGE: home page and guides: " in said
        assert "Shorten texts or lists" in said
        assert "plit" not in said
    assert at.items() == items


def test_products_in_another_order_are_told(at: SeasonStage) -> None:
    head = HEAD.replace("s1", "autumn-2026") + "streams:\n"
    slots = [
        f"{{product: {each}, brand: b, title: {each}, price_yuan: 1, at_min: 0}}" for each in "pq"
    ]
    file = at.folder / "season.yaml"
    file.write_text(head + STREAM.replace("2026", "2990") % ", ".join(slots), "utf-8")
    publish_season(read_season(file), at=at.doors, now=datetime.now(UTC))
    file.write_text(head + STREAM.replace("2026", "2990") % ", ".join(slots[::-1]), "utf-8")

    told = at.told("publish", str(file), "--dry-run")

    assert told["differences"] == {"slots": ["a: the order of products changes"]}
