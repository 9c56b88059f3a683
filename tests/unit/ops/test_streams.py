"""`huixue stream …`, `preview`, `outage` and `calendar-feed`."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from huixue.edge.season_desk import keyed_feed
from infra.ops import stores
from infra.ops.errors import OperatorError
from infra.ops.stream_doors import reason_of, time_of
from tests.engines.tables import TableNames
from tests.unit.ops.season_stage import NOW, SOON, TODAY, SeasonStage, day, season_stage

SOON_STARTS = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(hours=2)
WHY = ("--reason", "主播嗓子不舒服")


@pytest.fixture
def empty(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SeasonStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return season_stage(dynamodb, tables, tmp_path)


@pytest.fixture
def at(empty: SeasonStage) -> SeasonStage:
    empty.told("publish", str(empty.file()))
    return empty


def test_a_stream_moves_with_its_slots_and_again_changes_nothing(at: SeasonStage) -> None:
    first = at.told("stream", "move", "skincare-2", f"{day(1)} 21:15", *WHY)
    again = at.told("stream", "move", "skincare-2", f"{day(1)} 21:15", *WHY)

    assert (first["changed"], again["changed"]) == (True, False)
    assert first["starts_at"] == f"{day(1)}T13:15:00.000000Z"
    assert first["rescheduled_from"] == [f"{day(0)}T12:00:00.000000Z"]
    assert first["reason"] == "主播嗓子不舒服"
    slots = at.told("stream", "show", "skincare-2")["slots"]
    assert slots[0]["expected_at"] == f"{day(1)}T13:20:00.000000Z"


def test_a_moved_stream_is_stored_in_utc_like_any_other(at: SeasonStage) -> None:
    at.told("stream", "move", "skincare-2", "21:15", *WHY)

    months = at.doors.seasons.all_months("demo").values()
    starts = [each.starts_at for month in months for each in month.streams]

    assert {each.utcoffset() for each in starts} == {timedelta(0)}


def test_a_time_alone_is_on_the_same_day(at: SeasonStage) -> None:
    said = at.said("stream", "move", "skincare-2", "21:30", *WHY)

    assert f"starts {SOON:%a} {day(0)} 21:30 (before: {SOON:%a} {day(0)} 20:00)" in said
    assert "within a minute" in said


@pytest.mark.parametrize("text", ["soon", "2026-13-01 20:00", "25:00", "", "20.30"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="is no time") as error:
        time_of(text, NOW)

    assert "20:00" in error.value.next_step


@pytest.mark.parametrize(
    "text", ["9999-12-31 20:00", "0001-01-01 00:00", "1999-12-31", "2201-01-01T00:00:00+14:00"]
)
def test_a_year_out_of_reason_is_told(text: str) -> None:
    with pytest.raises(OperatorError, match="years are 2000 to 2200"):
        time_of(text, NOW)


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "长" * 101])
def test_a_reason_is_one_line(text: str) -> None:
    with pytest.raises(OperatorError):
        reason_of(text)


def test_cancelled_and_restored(at: SeasonStage) -> None:
    cancelled = at.told("stream", "cancel", "skincare-2", "--reason", "场地检修")
    published = at.told("publish", str(at.file()))
    restored = at.told("stream", "restore", "skincare-2")

    assert (cancelled["state"], cancelled["reason"]) == ("cancelled", "场地检修")
    assert "stays cancelled" in published["hints"][0]
    assert (restored["state"], restored["changed"]) == ("planned", True)
    assert restored["took_back"] == "cancel"


def test_what_restore_took_back_is_said(at: SeasonStage) -> None:
    at.told("stream", "move", "skincare-2", f"{SOON_STARTS:%Y-%m-%d %H:%M}", *WHY)
    at.told("stream", "begin", "skincare-2")

    other = at.said("stream", "restore", "skincare-2")
    said = at.said("stream", "restore", "skincare-2", "--said", "begin")
    again = at.said("stream", "restore", "skincare-2", "--said", "begin")

    assert "What stands: --said begin. It was so already." in other
    assert "Taken back: begin. skincare-2" in said
    assert "starts" in said
    assert "Nobody said begin. It was so already." in again


def test_ids_stand_whole_however_narrow_the_window(
    at: SeasonStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    listed, shown = at.said("stream", "list"), at.said("stream", "show", "skincare-2")

    assert "skincare-2" in listed
    assert "skincare-2.opening-set" in shown


def test_slots_go_by_id_or_by_number(at: SeasonStage) -> None:
    shelved = at.told("stream", "on-shelf", "skincare-2#1")
    sold = at.told("stream", "sold-out", "skincare-2.opening-set")
    withdrawn = at.told("stream", "withdraw", "skincare-2#2")
    again = at.told("stream", "replan", "skincare-2#2")

    assert (shelved["slot_id"], shelved["state"]) == ("skincare-2.opening-set", "on_shelf")
    assert sold["state"] == "sold_out"
    assert (withdrawn["state"], again["state"]) == ("withdrawn", "planned")
    assert withdrawn["slot_id"] == again["slot_id"]
    only = at.told("stream", "show", "skincare-2#1")["slots"]
    assert [(each["number"], each["state"]) for each in only] == [(1, "sold_out")]


def test_begin_and_finish_are_for_streams_of_now(at: SeasonStage) -> None:
    said = at.said("stream", "begin", "skincare-2", code=1)
    over = at.said("stream", "finish", "skincare-2", code=1)

    assert "STREAM_STATE" in said
    assert "huixue stream show" in said
    assert "cannot end" in over


REFUSALS = [
    (("stream", "show", "nobody"), "there is no stream nobody in demo"),
    (("stream", "show", "skincare-2#99"), "has the slots skincare-2#1 to skincare-2#23"),
    (("stream", "on-shelf", "skincare-2#x"), "has the slots"),
    (("stream", "on-shelf", "skincare-2.nothing"), "has no slot skincare-2.nothing"),
    (("stream", "on-shelf", "skincare-2"), "has no slot skincare-2"),
    (("stream", "move", "A/B", "20:00", "--reason", "x"), "there is no stream A/B"),
    (("stream", "cancel", "skincare-2", "--reason", " "), "a reason is one line"),
    (("stream", "list", "--month", "1999-01"), "there are no streams in 1999-01"),
    (("stream", "list", "--programme", "other"), "no season was published for other"),
    (("preview", "--at", "noon"), "'noon' is no time"),
    (("preview", "--at", "9999-12-31 20:00"), "years are 2000 to 2200"),
    (("stream", "move", "skincare-2", "9999-12-31 20:00", *WHY), "years are 2000 to 2200"),
    (("stream", "move", "skincare-2", "2199-12-31 20:00", *WHY), "lies more than 730 days ahead"),
    (("preview", "--tag", "skin_type"), "'skin_type' is no GROUP=VALUE"),
    (("preview", "--tag", "skin_type=drry"), "no tag of members: expected one of dry"),
    (("preview", "--tag", "skintype=dry"), "expected a tag group of members"),
    (("preview", "--joined", "2026-02-30"), "'2026-02-30' is no day"),
]


def test_refusals_say_what_to_do_next(at: SeasonStage) -> None:
    items = at.items()

    for command, said in REFUSALS:
        told = at.said(*command, code=1)

        assert said in told
        assert any(step in told for step in ("huixue", "Choose one of", "--", "Write it like"))
    assert at.items() == items


def test_without_a_season_every_command_says_how_to_publish_one(empty: SeasonStage) -> None:
    for command in (("stream", "list"), ("preview",), ("calendar-feed",)):
        assert "Publish a season first" in empty.said(*command, code=1)


def test_streams_are_listed_by_time(at: SeasonStage) -> None:
    streams = at.told("stream", "list")
    shown = at.said("stream", "list", "--month", day(0)[:7])

    assert len(streams) == 12
    assert [each["starts_at"] for each in streams] == sorted(each["starts_at"] for each in streams)
    assert "skincare-2" in shown


def test_a_preview_of_a_file_is_of_its_own_programme(empty: SeasonStage) -> None:
    file = str(empty.file(("programme_id: demo", "programme_id: other")))

    refused = empty.said("preview", file, "--programme", "demo", code=1)

    assert "is a season of other, not of demo" in refused
    assert "no programme other is published" in empty.said("preview", file, code=1)
    mine = str(empty.file())
    assert "home at" in empty.said("preview", mine, "--programme", "demo")
    assert "home at" in empty.said("preview", mine)


def test_a_preview_shows_the_home_page_of_any_instant(at: SeasonStage) -> None:
    eve = at.told("preview", "--at", f"{day(-1)} 23:59")
    night = at.told("preview", "--at", f"{day(0)} 00:00")

    def banners(home: Any) -> list[str]:
        return [each["block_id"] for each in home["banners"]]

    assert "big-night" not in banners(eve)
    assert "big-night" in banners(night)
    assert night["tonight"]["stream_id"] == "skincare-2"
    assert eve["changes_at"] == night["at"]


def test_a_preview_is_for_whoever_is_named(at: SeasonStage) -> None:
    when = ("--at", f"{day(0)} 12:00")
    dry = at.told("preview", *when, "--tag", "skin_type=dry", "--joined", day(-3))
    nobody = at.told("preview", *when, "--tag", "skin_type=oily", "--joined", day(-30))

    named = {each["block_id"] for each in dry["banners"]}
    assert {"sensitive-care", "welcome"} <= named
    assert {each["block_id"] for each in nobody["banners"]} == named - {"sensitive-care", "welcome"}


def test_a_preview_of_a_draft_writes_nothing(empty: SeasonStage) -> None:
    said = empty.said("preview", str(empty.file()), "--at", f"{day(0)} 19:00")

    assert "tonight: skincare-2 护肤之夜：敏感肌专场 starts" in said
    assert "it changes by itself next" in said
    assert empty.items() == []


def test_an_outage_is_declared_once(at: SeasonStage) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()

    dry = at.told("outage", yesterday, *WHY, "--dry-run")
    written = at.told("outage", yesterday, *WHY)
    again = at.told("outage", yesterday, *WHY)

    assert (dry["changed"], dry["dry_run"]) == (True, True)
    assert (written["changed"], again["changed"]) == (True, False)
    outages = at.doors.rules.rules("demo").outages
    assert [(each.first.isoformat(), each.reason) for each in outages] == [(yesterday, WHY[1])]


def test_an_outage_to_come_or_without_check_ins_is_refused(at: SeasonStage, tmp_path: Path) -> None:
    assert "OUTAGE_INVALID" in at.said("outage", day(5), *WHY, code=1)
    assert "is no day" in at.said("outage", "yesterday", *WHY, code=1)
    assert "has no check-ins" in at.said(
        "outage", TODAY.isoformat(), *WHY, "--programme", "other", code=1
    )


def test_the_feeds_address_is_the_one_the_functions_know(at: SeasonStage) -> None:
    address = at.said("calendar-feed")

    key = keyed_feed(stores.keyed_hash(at.operated.deployment), "demo", 1)
    assert address == f"https://api.huixue.example/v1/calendar/{key}.ics"
