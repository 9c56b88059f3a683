"""One guide: its rows hold no copy of price, time or state, so they are always the slots' own."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from huixue.seasons.drafts import SeasonDraft
from tests.functions.http import Answered, asked, assert_problem, event_of
from tests.functions.seasons import NOON, Season, with_edition


def read(season: Season, guide_id: str) -> Answered:
    return season.call("get_guide", path={"guide_id": guide_id})


def test_every_row_is_a_slot_as_it_stands_in_its_stream(season: Season) -> None:
    event = event_of("get_guide/accepted")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    body = asked(season.stage, "get_guide", event).body

    assert body["body"] == ["先看时间"]
    assert [each["slot"]["slot_id"] for each in body["rows"]] == [
        "st-1120.p0", "st-1120.p1", "st-1125.p0",
    ]  # fmt: skip
    row = body["rows"][1]
    assert row["slot"]["price_fen"] == 12_901
    assert row["slot"]["expected_at"] == "2026-11-20T20:10:00+08:00"
    assert (row["stream_id"], row["stream_state"], row["note"]) == ("st-1120", "planned", "必买")
    assert row["reservable"] is True


def test_what_is_on_the_shelf_or_in_a_cancelled_stream_cannot_be_reserved(season: Season) -> None:
    season.set_slot("st-1120.p0", "on_shelf")
    season.cancel("st-1125", "场地维护")

    rows = read(season, "double11").body["rows"]

    assert [each["reservable"] for each in rows] == [False, True, False]
    assert rows[2]["stream_state"] == "cancelled"


def test_when_its_slots_changed_last_is_when_it_was_updated(season: Season) -> None:
    assert read(season, "double11").body["updated_at"] == "2026-11-19T20:00:00+08:00"
    season.set_slot("st-1120.p0", "sold_out")

    assert read(season, "double11").body["updated_at"] == "2026-11-20T12:00:00+08:00"


def test_what_changed_in_its_text_is_listed_newest_first(season: Season) -> None:
    for minutes, text in ((15, "新的一行"), (75, "又一行")):
        at = NOON + timedelta(minutes=minutes)
        season.publish(partial(noted, text=text), at=at)

    body = read(season, "double11").body

    assert [each["at"] for each in body["revisions"]] == [
        "2026-11-20T13:15:00+08:00", "2026-11-20T12:15:00+08:00",
    ]  # fmt: skip
    assert all(each["note"] for each in body["revisions"])
    assert body["updated_at"] == "2026-11-20T13:15:00+08:00"


def noted(draft: SeasonDraft, text: str) -> SeasonDraft:
    first, *others = draft.edition.guides
    return with_edition(draft, guides=(replace(first, body=(text,)), *others))


@pytest.mark.parametrize(
    ("guide_id", "text"), [("summer", "夏季活动已结束"), ("off", "内容已下架")]
)
def test_an_old_link_finds_an_end_page_without_the_old_content(
    season: Season, guide_id: str, text: str
) -> None:
    found = read(season, guide_id)

    assert (found.status, found.body["state"]) == (200, "ended")
    assert found.body["ended_text"] == text
    assert not {"body", "rows"} & set(found.body)


def test_a_guide_that_the_file_no_longer_has_is_found_as_ended(season: Season) -> None:
    season.publish(
        lambda draft: with_edition(draft, guides=draft.edition.guides[1:]),
        at=NOON - timedelta(hours=1),
    )

    found = read(season, "double11")

    assert (found.status, found.body["state"]) == (200, "ended")
    assert not {"body", "rows"} & set(found.body)


def test_before_it_opens_its_content_is_kept_back_until_that_very_instant(season: Season) -> None:
    season.clock.instant = NOON + timedelta(days=1, seconds=-20)
    before = read(season, "soon")
    season.clock.instant = NOON + timedelta(days=1)

    after = read(season, "soon")

    assert (before.body["state"], before.body.get("body")) == ("not_yet", None)
    assert before.headers["cache-control"] == "public, max-age=20"
    assert (after.body["state"], after.body["body"]) == ("open", ["还没到"])


def test_a_guide_that_never_was_is_not_found(season: Season) -> None:
    event = event_of("get_guide/refused")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    assert_problem(asked(season.stage, "get_guide", event), 404, "NOT_FOUND")


def test_without_a_session_there_is_no_guide(season: Season) -> None:
    found = season.call("get_guide", token=None, path={"guide_id": "double11"})

    assert_problem(found, 401, "UNAUTHENTICATED")
