from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from huixue.programme.model import Campaign
from huixue.programme.rules import ProgrammeInvalidError, programme_from
from tests.unit.programme.programmes import demo_data, full_data


def with_campaign(**changed: object) -> dict[str, Any]:
    data = full_data()
    data["campaigns"][1] |= changed
    return data


def problems_of(data: object) -> list[tuple[str, str]]:
    with pytest.raises(ProgrammeInvalidError) as refused:
        programme_from(data)
    return [
        (".".join(str(step) for step in each.path), each.expected)
        for each in refused.value.problems
    ]


def read(**changed: object) -> Campaign:
    return programme_from(with_campaign(**changed)).campaigns[1]


def test_campaigns_keep_their_order_and_their_times_are_the_programmes_own() -> None:
    assert programme_from(demo_data()).campaigns == ()
    assert programme_from(full_data()).campaigns == (
        Campaign(
            campaign_id="double", title="双倍", kind="multiply", value=200,
            starts_at=datetime(2026, 11, 10, 12, tzinfo=UTC),
            ends_at=datetime(2026, 11, 11, 16, tzinfo=UTC),
        ),
        Campaign(
            campaign_id="plus", title="加十", kind="add", value=10,
            starts_at=datetime(2026, 11, 9, 16, tzinfo=UTC),
            ends_at=datetime(2026, 11, 10, 15, 59, 59, tzinfo=UTC),
            rooms=("main",), platforms=("taobao",),
        ),
    )  # fmt: skip


def test_a_date_as_the_end_is_the_last_day() -> None:
    one_day = read(starts_at="2026-12-31", ends_at="2026-12-31")

    assert one_day.starts_at == datetime(2026, 12, 30, 16, tzinfo=UTC)
    assert one_day.ends_at == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"campaign_id": "Plus"}, "campaign_id"), ({"campaign_id": "double"}, "campaign_id"),
        ({"title": ""}, "title"), ({"kind": "divide"}, "kind"),
        ({"kind": "multiply", "value": 100}, "value"),
        ({"kind": "multiply", "value": 1001}, "value"),
        ({"kind": "add", "value": 0}, "value"), ({"kind": "add", "value": 1001}, "value"),
        ({"kind": "fixed", "value": 0}, "value"), ({"kind": "fixed", "value": "5"}, "value"),
        ({"starts_at": "2026-02-30"}, "starts_at"), ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2026-11-10 24:00"}, "starts_at"), ({"starts_at": None}, "starts_at"),
        ({"starts_at": "2026-11-10 20:00+08:00"}, "starts_at"),
        ({"starts_at": "2026-11-10 8 pm"}, "starts_at"), ({"starts_at": 20261110}, "starts_at"),
        ({"ends_at": "2026-11-09"}, "ends_at"), ({"ends_at": "2026-11-10 00:00"}, "ends_at"),
        ({"rooms": []}, "rooms"), ({"rooms": ["mine"]}, "rooms.0"),
        ({"rooms": ["main", "main"]}, "rooms.1"), ({"rooms": "main"}, "rooms"),
        ({"platforms": []}, "platforms"), ({"platforms": ["amazon"]}, "platforms.0"),
        ({"rooms": ["guest"], "platforms": ["taobao"]}, "platforms"),
        ({"rooms": ["main"], "platforms": ["jd"]}, "platforms"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_one_wrong_value_is_named_by_its_path(changed: dict[str, object], where: str) -> None:
    assert [path for path, _ in problems_of(with_campaign(**changed))] == [f"campaigns.1.{where}"]


def test_what_was_expected_is_said() -> None:
    data = with_campaign(starts_at="8 pm", ends_at="2026-11-10")

    assert problems_of(data) == [
        (
            "campaigns.1.starts_at",
            "a date, or a date and time of Asia/Shanghai such as 2026-11-10 20:00",
        )
    ]
    assert problems_of(with_campaign(ends_at="2026-11-09")) == [
        ("campaigns.1.ends_at", "a time after starts_at")
    ]


def test_times_follow_the_zones_own_clock_changes() -> None:
    data = with_campaign(starts_at="2027-03-13", ends_at="2027-03-14") | {
        "zone": "America/New_York"
    }
    campaign = programme_from(data).campaigns[1]

    assert campaign.starts_at == datetime(2027, 3, 13, 5, tzinfo=UTC)
    assert campaign.ends_at == datetime(2027, 3, 15, 4, tzinfo=UTC)


def test_a_time_that_the_zones_clocks_skip_is_refused_and_of_one_shown_twice_the_first_counts() -> (
    None
):
    skipped = with_campaign(starts_at="2027-03-14 02:30", ends_at="2027-03-15")
    twice = with_campaign(starts_at="2027-11-07 01:30", ends_at="2027-11-08")

    assert [path for path, _ in problems_of(skipped | {"zone": "America/New_York"})] == [
        "campaigns.1.starts_at"
    ]
    campaign = programme_from(twice | {"zone": "America/New_York"}).campaigns[1]
    assert campaign.starts_at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


def test_a_wrong_zone_is_told_once_and_not_again_by_every_campaign() -> None:
    assert [path for path, _ in problems_of(full_data() | {"zone": "Asia/Nowhere"})] == ["zone"]


def test_a_campaign_is_for_the_rooms_and_platforms_it_names_or_for_all() -> None:
    everywhere, here = programme_from(full_data()).campaigns
    places = [("main", "taobao"), ("guest", "douyin"), ("main", "douyin")]

    assert [everywhere.is_for(*each) for each in places] == [True, True, True]
    assert [here.is_for(*each) for each in places] == [True, False, False]
