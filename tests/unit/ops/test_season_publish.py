"""`huixue publish` with a season: what it shows, what it writes, and that it may be repeated."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.seasons.model import Edition
from infra.demo.season import SEASON
from infra.ops.season_publishing import publish_season
from infra.ops.season_yaml import read_season, season_of
from infra.ops.yaml_files import document_of
from tests.engines.tables import TableNames
from tests.unit.ops.season_stage import NOW, SeasonStage, day, season_stage


@pytest.fixture
def at(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SeasonStage:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return season_stage(dynamodb, tables, tmp_path)


def test_a_dry_run_shows_every_surface_and_writes_nothing(at: SeasonStage) -> None:
    told = at.told("publish", str(at.file()), "--dry-run")

    assert list(told["differences"]) == [
        "calendar and streams", "slots", "home", "guides", "check-ins", "tasks",
    ]  # fmt: skip
    assert (told["changed"], told["dry_run"], told["version"]) == (True, True, 1)
    assert f"{day(0)} 20:00 skincare-2 护肤之夜：敏感肌专场 is new" in " ".join(
        told["differences"]["calendar and streams"]
    )
    assert at.items() == []


def test_a_dry_run_for_people_says_the_same(at: SeasonStage) -> None:
    said = at.said("publish", str(at.file()), "--dry-run")

    assert "skincare-2: 23 new: 舒缓三件套 直播间专享 ¥199.90" in said
    assert "consecutive 3 days 3 points, 7 days 10 points" in said
    assert "autumn-2026 of demo: version 1 would be in force. Nothing was published." in said


def test_published_again_nothing_changes(at: SeasonStage) -> None:
    file = at.file()

    first = at.told("publish", str(file))
    items = at.items()
    again = at.told("publish", str(file))

    assert (first["changed"], first["version"]) == (True, 1)
    assert (again["changed"], again["version"], again["differences"]) == (False, 1, {})
    assert at.items() == items


def test_what_differs_is_told_field_by_field(at: SeasonStage) -> None:
    at.told("publish", str(at.file()))
    file = at.file(
        ("price_yuan: 199.9", "price_yuan: 189"),
        (f"starts_at: {day(2)} 20:00", f"starts_at: {day(3)} 21:00"),
        ("title: 周末集市", "title: 周末大集"),
        ("base_points: 2", "base_points: 3"),
        ("title: 关注公众号, points: 20", "title: 关注公众号, points: 25"),
        ("      - {stream: snacks-3, all: true}\n", ""),
    )

    told = at.told("publish", str(file), "--dry-run")["differences"]

    assert told["slots"] == [
        "skincare-2.opening-set 舒缓三件套 直播间专享: price ¥199.90 → ¥189.00"
    ]
    moved = told["calendar and streams"]
    assert len(moved) == 1
    assert f"{day(2)} 20:00 to" in moved[0]
    assert moved[0].endswith(f"{day(3)} 21:00")
    assert told["home"][0] == "farm-market 周末大集: title 周末集市 → 周末大集"
    assert told["tasks"] == ["follow 关注公众号: points 20 → 25"]
    assert any("base points 2 → 3" in each and "-01 on" in each for each in told["check-ins"])
    assert any(each.startswith("autumn-table 秋日狂欢夜 时间表: rows") for each in told["guides"])


def test_a_moved_stream_stays_where_it_was_moved_and_the_operator_is_told(at: SeasonStage) -> None:
    file = at.file()
    at.told("publish", str(file))
    at.told("stream", "move", "skincare-2", f"{day(1)} 21:00", "--reason", "改期")

    again = at.told("publish", str(file))

    assert again["hints"] == [f"skincare-2 was moved since the file: it stays at {day(1)} 21:00"]
    assert at.told("stream", "show", "skincare-2")["starts_at"].startswith(f"{day(1)}T13:00")


def test_a_wrong_file_is_told_line_by_line_and_nothing_is_written(at: SeasonStage) -> None:
    file = at.file(("cycle: month", "cycle: moon"), ("title: 会员群", "title: ''"))

    said = at.said("publish", str(file), code=1)

    assert f"{file}:23: check_in.cycle: expected week, month, endless or" in said
    assert "home.4.title: expected one line of text" in said
    assert "nothing was published" in said
    assert at.items() == []


def test_rules_that_cannot_follow_those_in_force_are_told_with_their_line(at: SeasonStage) -> None:
    at.told("publish", str(at.file()))
    file = at.file(("  cycle: month", f"  starts_on: {day(-2)}\n  cycle: endless"))

    said = at.said("publish", str(file), code=1)

    assert f"{file}:23: check_in.starts_on: expected" in said


def test_rooms_and_zone_are_those_of_the_programme(at: SeasonStage) -> None:
    file = at.file(("  room: main", "  room: mian"), ("zone: Asia/Shanghai", "zone: Asia/Tokyo"))

    said = at.said("publish", str(file), code=1)

    assert f"{file}:7: zone: expected Asia/Shanghai, as demo says, found 'Asia/Tokyo'" in said
    assert f"{file}:49: stream_defaults.room: expected a room of demo (main, guest), found" in said
    assert said.count("room of demo") == 1
    assert at.items() == []


def test_a_season_of_no_programme_is_refused(at: SeasonStage) -> None:
    said = at.said("publish", str(at.file(("programme_id: demo", "programme_id: dmeo"))), code=1)

    assert "no programme dmeo is published in local" in said


def test_a_programme_is_published_as_before(at: SeasonStage) -> None:
    programme = SEASON.with_name("programme.yaml")

    said = at.said("publish", str(programme), "--dry-run")

    assert "demo" in said
    assert "season" not in said
    assert at.said("publish", str(programme), "--compensation", "x.csv", code=1)


def test_died_between_two_transactions_it_goes_on(at: SeasonStage) -> None:
    season = read_season(at.file())
    steps = 0

    def dies() -> None:
        nonlocal steps
        steps += 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_season(season, at=at.doors, now=datetime.now(UTC), step=dies)
    change = publish_season(season, at=at.doors, now=datetime.now(UTC))
    again = publish_season(season, at=at.doors, now=datetime.now(UTC))

    assert steps == 1
    assert change.changes
    assert not again.changes
    edition = at.doors.seasons.edition("demo")
    assert isinstance(edition, Edition)
    assert edition.version == 1


def test_a_file_without_check_ins_and_tasks_leaves_the_rules_alone(at: SeasonStage) -> None:
    text = SEASON.read_text("utf-8")
    publish_season(season_of(document_of(text, SEASON)), at=at.doors, now=NOW)
    before = at.doors.rules.rules("demo")
    start, end = text.index("check_in:"), text.index("member_days:")

    publish_season(season_of(document_of(text[:start] + text[end:], SEASON)), at=at.doors, now=NOW)

    assert at.doors.rules.rules("demo") == before
    assert before.versions[0].starts_on == date(2026, 11, 10)


def test_new_rules_hold_from_the_next_cycle_on(at: SeasonStage) -> None:
    text = SEASON.read_text("utf-8")
    publish_season(season_of(document_of(text, SEASON)), at=at.doors, now=NOW)
    changed = text.replace("base_points: 2", "base_points: 3")

    change = publish_season(
        season_of(document_of(changed, SEASON)), at=at.doors, now=NOW + timedelta(days=1)
    )

    assert change.differences() == {"check-ins": ["from 2026-12-01 on: base points 2 → 3"]}
    assert change.cut_on is None
