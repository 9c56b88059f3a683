"""The public calendar's address, and the one cache of seasons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from huixue.edge import bootstrap, season_desk
from huixue.edge.settings import settings
from huixue.kernel.errors import NotFoundError
from huixue.seasons.publishing import publish
from huixue.seasons.store import DynamoDbSeasons
from tests.functions.stage import Stage, running_stage
from tests.unit.seasons.fakes import EDITION, NOW, draft

FEED = replace(EDITION, programme_id="feed-test", guides=())


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with running_stage() as running:
        yield running


@pytest.fixture(scope="module")
def generation(stage: Stage) -> int:
    """Of the feed of a programme that was published on the stage."""
    store = DynamoDbSeasons(bootstrap.database(), settings().seasons_table_name)
    publish(draft((), replace(FEED, feed_generation=2)), store=store, now=NOW)
    return 2


@pytest.mark.usefixtures("stage")
def test_seasons_are_cached_in_one_place() -> None:
    assert season_desk.seasons() is season_desk.seasons()


def test_a_feed_key_names_its_programme_and_nothing_can_be_guessed_of_it(generation: int) -> None:
    key = season_desk.feed_key("feed-test", generation)

    assert key == season_desk.feed_key("feed-test", generation)
    assert season_desk.programme_of_feed(key) == "feed-test"
    programme_id, digest = key.split(".")
    assert (programme_id, len(digest)) == ("feed-test", 26)
    assert digest.isalnum()


def test_every_other_key_is_not_found(generation: int) -> None:
    right = season_desk.feed_key("feed-test", generation)
    wrong = [
        season_desk.feed_key("feed-test", generation - 1),
        season_desk.feed_key("demo", generation),
        right.replace("feed-test", "nobody"),
        right[:-1],
        right + "a",
        right.upper(),
        "feed-test",
        "",
        "回血.购",
        "\ud800.x",
    ]

    for key in wrong:
        with pytest.raises(NotFoundError) as error:
            season_desk.programme_of_feed(key)
        assert error.value.code == "NOT_FOUND"
