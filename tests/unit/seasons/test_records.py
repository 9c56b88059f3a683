"""The stored form: whole, small, refused where it does not fit."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huixue.seasons import records
from huixue.seasons.model import Month, SeasonTooLargeError, Slots, Target
from tests.unit.seasons.fakes import BLOCKS, EDITION, GUIDE, NOW, local, slots_of, stream

FULL = stream(
    "s-1120",
    "2026-11-20 20:00",
    theme="护肤",
    color="#FF8800",
    hosts=("甲",),
    cancelled_at=NOW,
    began_at=NOW,
    reason="主播生病",
    rescheduled_from=(NOW, NOW + timedelta(microseconds=1)),
    target=Target(kind="channels", text="sph1"),
    revision=7,
)


def test_an_edition_is_read_back_whole() -> None:
    edition = replace(EDITION, version=3, published_at=NOW, blocks=BLOCKS, guides=(GUIDE,))

    item = records.edition_item(edition, records.edition_key("demo", 3))

    assert (item["pk"], item["sk"], item["version"]) == ("S#demo", "EDITION#000003", 3)
    assert records.edition_of(item) == edition


def test_a_month_is_read_back_whole() -> None:
    month = Month(month="2026-11", streams=(FULL, stream("s", "2026-11-21 20:00")), revision=2)

    item = records.month_item("demo", month)

    assert (item["pk"], item["sk"], item["revision"]) == ("S#demo", "MONTH#2026-11", 2)
    assert records.month_from(item) == month


def test_slots_are_read_back_whole() -> None:
    one, two = slots_of("s", 100, 200)
    shelved = replace(one, state="on_shelf", shelved_at=NOW, listed=False, list_price_fen=300)
    slots = Slots(stream_id="s", month="2026-11", slots=(shelved, two), revision=4, changed_at=NOW)

    assert records.slots_from(records.slots_item("demo", slots)) == slots
    empty = replace(slots, slots=())
    assert records.slots_from(records.slots_item("demo", empty)) == empty


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abc"), st.integers() | st.text() | st.lists(st.text(), max_size=2)
        )
    )
)
def test_columns_are_rows_the_other_way(things: list[dict[str, object]]) -> None:
    assert records.rows(records.unpacked(records.packed(records.columns(things)))) == things


def test_the_same_content_is_the_same_bytes() -> None:
    assert records.packed({"a": 1, "b": 2}) == records.packed({"b": 2, "a": 1})


def test_what_does_not_fit_into_an_item_is_refused() -> None:
    noise = Random(1).randbytes(400_000).hex()

    with pytest.raises(SeasonTooLargeError, match="300000 fit"):
        records.packed(noise)
    assert local("2026-11-20 20:00") == FULL.starts_at
