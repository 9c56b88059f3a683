"""One block by its link: old links find how it ended, and nobody learns of what is for others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from huixue.seasons.drafts import SeasonDraft
from tests.functions.http import Answered, asked, assert_problem, call, event_of
from tests.functions.membership import signed_in
from tests.functions.seasons import MIDNIGHT, NOON, Season, with_edition

ENDS = NOON + timedelta(days=1)
"""Of the market."""


def read(season: Season, block_id: str) -> Answered:
    return season.call("get_block", path={"block_id": block_id})


def without(*block_ids: str) -> Callable[[SeasonDraft], SeasonDraft]:
    def dropped(draft: SeasonDraft) -> SeasonDraft:
        kept = (each for each in draft.edition.blocks if each.block_id not in block_ids)
        return with_edition(draft, blocks=tuple(kept))

    return dropped


def test_an_open_block_is_whole(season: Season) -> None:
    event = event_of("get_block/accepted")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    found = asked(season.stage, "get_block", event)

    assert found.status == 200
    assert found.body == {
        "block_id": "picks", "kind": "featured", "title": "本周精选", "state": "open",
        "goods": [
            {
                "title": "面霜", "brand": "木语", "price_fen": 9_900,
                "target": {"kind": "page", "path": "/pages/mall"},
            },
        ],
    }  # fmt: skip


def test_at_its_end_a_block_says_so_and_leads_nowhere(season: Season) -> None:
    season.clock.instant = ENDS - timedelta(seconds=20)
    before = read(season, "farm")
    season.clock.instant = ENDS

    after = read(season, "farm")

    assert (before.body["state"], len(before.body["goods"])) == ("open", 1)
    assert before.headers["cache-control"] == "private, max-age=20"
    assert (after.body["state"], after.body["ended_text"]) == ("ended", "活动已结束")
    assert not {"goods", "target"} & set(after.body)
    assert after.body["disclaimer"] == "订单与物流由第三方提供"
    assert after.headers["cache-control"] == "private, max-age=30"


def test_the_end_says_what_the_file_wrote_for_it(season: Season) -> None:
    def written(draft: SeasonDraft) -> SeasonDraft:
        blocks = (
            replace(each, enabled=each.block_id != "mall", ended_text="积分商城已搬家")
            for each in draft.edition.blocks
        )
        return with_edition(draft, blocks=tuple(blocks))

    season.publish(written, at=NOON - timedelta(hours=1))

    body = read(season, "mall").body

    assert (body["state"], body["ended_text"]) == ("ended", "积分商城已搬家")
    assert "target" not in body
    assert "ended_text" not in read(season, "picks").body


def test_before_its_beginning_a_block_keeps_its_goods_back(season: Season) -> None:
    season.clock.instant = NOON - timedelta(days=1, seconds=20)

    found = read(season, "farm")

    assert found.body["state"] == "not_yet"
    assert not {"goods", "target", "ended_text"} & set(found.body)
    assert found.headers["cache-control"] == "private, max-age=20"


def test_a_block_that_the_file_has_no_more_is_found_as_ended(season: Season) -> None:
    season.publish(without("picks", "mall"), at=NOON - timedelta(hours=1))

    found = read(season, "picks")

    assert found.status == 200
    assert found.body == {
        "block_id": "picks", "kind": "featured", "title": "本周精选", "state": "ended",
        "ended_text": "活动已结束",
    }  # fmt: skip
    home = season.call("get_home").body
    assert (home["featured"], home["entries"]) == ([], [])
    season.publish(at=NOON - timedelta(minutes=1))
    assert read(season, "picks").body["state"] == "open"


@pytest.mark.parametrize("is_dropped", [False, True])
def test_a_block_for_others_is_as_if_it_were_not_there(season: Season, *, is_dropped: bool) -> None:
    body = {"skin_type": "dry", "consents": [{"purpose": "skin_type", "granted": True}]}
    token = season.token(signed_in("openid of somebody dry", programme=season.programme_id))
    assert call(season.stage, "put_me", token=token, body=body).status == 200
    if is_dropped:
        season.publish(without("for-dry"), at=NOON - timedelta(hours=1))
    for_dry = {"block_id": "for-dry"}

    hers = season.call("get_block", token=token, path=for_dry)
    others, absent = read(season, "for-dry"), read(season, "none")

    assert (hers.status, hers.body["state"]) == (200, "ended" if is_dropped else "open")
    assert_problem(others, 404, "NOT_FOUND")
    assert others.body["detail"] == absent.body["detail"]


def test_who_has_this_block_gets_304_until_it_turns(season: Season) -> None:
    season.clock.instant = MIDNIGHT - timedelta(seconds=1)
    path = {"block_id": "tonight-only"}
    first = season.call("get_block", path=path)
    known = {"if-none-match": first.headers["etag"]}

    again = season.call("get_block", path=path, headers=known)
    season.clock.instant = MIDNIGHT
    turned = season.call("get_block", path=path, headers=known)

    assert (again.status, again.text) == (304, "")
    assert (turned.status, turned.body["state"]) == (200, "ended")
    assert first.headers["vary"] == "Authorization"


def test_a_block_that_never_was_is_not_found(season: Season) -> None:
    event = event_of("get_block/refused")
    event["headers"]["authorization"] = f"Bearer {season.token()}"

    assert_problem(asked(season.stage, "get_block", event), 404, "NOT_FOUND")


def test_without_a_session_there_is_no_block(season: Season) -> None:
    found = season.call("get_block", token=None, path={"block_id": "picks"})

    assert_problem(found, 401, "UNAUTHENTICATED")


def test_a_cold_block_costs_the_edition_beside_the_members_row(season: Season) -> None:
    season.stage.calls.clear()

    read(season, "picks")

    asked_of = [each for each in season.stage.calls if each.startswith("dynamodb.")]
    assert asked_of == ["dynamodb.GetItem"] * 2
