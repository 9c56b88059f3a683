"""One block by its link, before, in and after its window."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from huixue.kernel.errors import NotFoundError
from huixue.seasons.blocks import block_at
from huixue.seasons.home import Viewer, home_at
from huixue.seasons.joining import joined_blocks
from huixue.seasons.model import Audience, Block, Edition
from tests.unit.seasons.fakes import BLOCKS, EDITION, NOW, local

ANYBODY = Viewer()
STARTS, ENDS = local("2026-11-01 00:00"), local("2026-11-21 00:00")
TICK = timedelta(microseconds=1)


def edition(*blocks: Block) -> Edition:
    return replace(EDITION, blocks=blocks)


def test_a_block_is_open_from_its_first_instant_until_before_its_last() -> None:
    seen = [
        block_at(EDITION, "double", at, ANYBODY)
        for at in (STARTS - TICK, STARTS, ENDS - TICK, ENDS)
    ]

    assert [each.state for each in seen] == ["not_yet", "open", "open", "ended"]
    assert [each.changes_at for each in seen] == [STARTS, ENDS, ENDS, None]


def test_what_was_switched_off_has_ended_and_stays_so_through_its_window() -> None:
    off = edition(replace(BLOCKS[1], enabled=False))

    seen = [block_at(off, "double", at, ANYBODY) for at in (STARTS - TICK, NOW, ENDS)]

    assert [(each.state, each.changes_at) for each in seen] == [("ended", None)] * 3


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("at", [STARTS - TICK, NOW, ENDS])
def test_who_it_is_not_for_finds_nothing_whatever_its_state(at: datetime, *, enabled: bool) -> None:
    mine = Audience(tags={"skin_type": ("dry",)})
    page = edition(replace(BLOCKS[1], audience=mine, enabled=enabled))
    dry = Viewer(tags={"skin_type": frozenset({"dry"})})

    assert block_at(page, "double", at, dry).block.block_id == "double"
    with pytest.raises(NotFoundError) as kept_back:
        block_at(page, "double", at, ANYBODY)
    with pytest.raises(NotFoundError) as absent:
        block_at(page, "nothing", NOW, ANYBODY)
    assert str(kept_back.value) == str(absent.value)


def test_a_block_for_those_who_joined_lately_turns_at_midnight() -> None:
    page = edition(replace(BLOCKS[0], audience=Audience(joined_within_days=2)))
    joined_yesterday = Viewer(joined_on=date(2026, 11, 19))
    midnight = local("2026-11-21 00:00")

    assert block_at(page, "shop", NOW, joined_yesterday).changes_at == midnight
    with pytest.raises(NotFoundError):
        block_at(page, "shop", midnight, joined_yesterday)


def test_a_block_the_file_dropped_has_ended_and_is_on_no_home_page() -> None:
    page = edition(*joined_blocks([], EDITION))

    assert [block_at(page, each.block_id, NOW, ANYBODY).state for each in BLOCKS] == ["ended"] * 2
    home = home_at(page, (), NOW, ANYBODY)
    assert (home.entries, home.banners) == ((), ())
