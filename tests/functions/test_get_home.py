"""The home page: one answer of what is published, for this member, at this instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.engines.clock import FrozenClock
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.membership import signed_in
from tests.functions.seasons import MIDNIGHT, NOON, TONIGHT, published
from tests.functions.stage import Stage

LISTS = {"entries", "banners", "featured", "markets", "brands", "notices"}


@pytest.fixture
def clock(shared_stage: Stage) -> Iterator[FrozenClock]:
    published()
    standing = FrozenClock(NOON)
    with shared_stage.at(standing):
        yield standing


def home(stage: Stage, member: str = "mem_a", programme_id: str = "demo") -> dict[str, object]:
    found = call(stage, "get_home", token=stage.token(member, programme_id))
    assert found.status == 200, found.text
    assert isinstance(found.body, dict)
    return found.body


def ids(blocks: object) -> list[str]:
    assert isinstance(blocks, list)
    return [each["block_id"] for each in blocks]


def test_everything_a_home_page_shows_is_in_one_answer(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    event = event_of("get_home/accepted")
    event["headers"]["authorization"] = f"Bearer {shared_stage.token()}"

    body = asked(shared_stage, "get_home", event).body

    assert set(body) == LISTS | {"tonight", "version", "updated_at"}
    assert {name: ids(body[name]) for name in sorted(LISTS)} == {
        "banners": ["tonight-only", "always"], "brands": ["muyu"], "entries": ["mall"],
        "featured": ["picks"], "markets": ["farm"], "notices": [],
    }  # fmt: skip
    assert body["entries"][0]["target"] == {"kind": "page", "path": "/pages/mall"}
    assert body["markets"][0]["disclaimer"] == "订单与物流由第三方提供"
    assert body["version"] == 1
    assert body["updated_at"] == "2026-11-19T20:00:00+08:00"


def test_tonights_stream_comes_without_its_slots(shared_stage: Stage, clock: FrozenClock) -> None:
    """They stand in the stream itself: a home page reads none."""
    tonight = home(shared_stage)["tonight"]

    assert isinstance(tonight, dict)
    assert (tonight["stream_id"], tonight["state"]) == ("st-1120", "planned")
    assert tonight["starts_at"] == "2026-11-20T20:00:00+08:00"
    assert tonight["target"] == {"kind": "taobao_code", "text": "￥abc123￥"}
    assert tonight["slot_count"] == 12
    assert "slots" not in tonight


def test_after_the_last_of_the_day_the_next_within_a_week_is_named(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    clock.instant = TONIGHT + timedelta(hours=4)

    body = home(shared_stage)

    assert "tonight" not in body
    assert isinstance(body["next_stream"], dict)
    assert body["next_stream"]["stream_id"] == "st-1125"


def test_a_block_for_some_is_seen_by_them_alone_once_they_allow_it(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    """Her skin type counts only with her consent (ID-E3): both come and go with one request."""
    dry, other = signed_in("openid of somebody dry"), signed_in("openid of somebody else")
    consent = {"purpose": "skin_type", "granted": True}
    seen = [ids(home(shared_stage, dry)["notices"])]
    for body in (
        {"skin_type": "dry", "consents": [consent]},
        {"consents": [consent | {"granted": False}]},
    ):
        answered = call(shared_stage, "put_me", token=shared_stage.token(dry), body=body)
        assert answered.status == 200, answered.text
        seen.append(ids(home(shared_stage, dry)["notices"]))

    assert seen == [[], ["for-dry"], []]
    assert ids(home(shared_stage, other)["notices"]) == []


def test_a_banner_is_gone_at_the_very_instant_at_which_it_ends(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    clock.instant = MIDNIGHT - timedelta(microseconds=1)
    assert "tonight-only" in ids(home(shared_stage)["banners"])

    clock.instant = MIDNIGHT

    assert ids(home(shared_stage)["banners"]) == ["always"]


@pytest.mark.parametrize(
    ("before_midnight", "max_age_s"),
    [(3600, "max-age=30"), (30, "max-age=30"), (29.5, "max-age=29"), (0.5, "no-cache")],
)
def test_no_copy_outlives_what_it_shows(
    shared_stage: Stage, clock: FrozenClock, before_midnight: float, max_age_s: str
) -> None:
    clock.instant = MIDNIGHT - timedelta(seconds=before_midnight)

    found = call(shared_stage, "get_home", token=shared_stage.token())

    assert found.headers["cache-control"] == f"private, {max_age_s}"
    assert found.headers["vary"] == "Authorization"


def test_who_has_this_page_gets_304_and_nothing_else(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    token = shared_stage.token()
    etag = call(shared_stage, "get_home", token=token).headers["etag"]

    found = call(shared_stage, "get_home", token=token, headers={"if-none-match": etag})

    assert (found.status, found.text, found.headers["etag"]) == (304, "", etag)


def test_a_page_that_turned_meanwhile_has_another_etag(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    token = shared_stage.token()
    etag = call(shared_stage, "get_home", token=token).headers["etag"]
    clock.instant = MIDNIGHT

    assert (
        call(shared_stage, "get_home", token=token, headers={"if-none-match": etag}).status == 200
    )


def test_a_cold_page_costs_the_edition_and_the_months_beside_the_members_row(
    shared_stage: Stage, clock: FrozenClock
) -> None:
    shared_stage.container_of = ""
    shared_stage.calls.clear()

    home(shared_stage)

    asked_of = [each for each in shared_stage.calls if each.startswith("dynamodb.")]
    assert asked_of == ["dynamodb.GetItem", "dynamodb.GetItem", "dynamodb.BatchGetItem"]


def test_a_warm_page_costs_the_members_row_alone(shared_stage: Stage, clock: FrozenClock) -> None:
    home(shared_stage)
    shared_stage.calls.clear()

    home(shared_stage)

    assert shared_stage.calls == ["dynamodb.GetItem"]


def test_without_a_session_there_is_no_page(shared_stage: Stage) -> None:
    found = asked(shared_stage, "get_home", event_of("get_home/refused"))

    assert_problem(found, 401, "UNAUTHENTICATED")


def test_a_programme_that_published_nothing_says_so(shared_stage: Stage) -> None:
    found = call(shared_stage, "get_home", token=shared_stage.token(programme_id="other"))

    assert_problem(found, 404, "SEASON_NOT_FOUND")
