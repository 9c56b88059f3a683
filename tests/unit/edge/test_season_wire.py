"""The fields a client may rely on, as http-api.md lists them."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from huixue.edge import season_wire as wire
from huixue.seasons.model import SlotState

RELIED_ON = {
    wire.StreamMark: {"stream_id", "title", "theme", "starts_at"},
    wire.Home: {"entries", "banners", "featured", "tonight"},
    wire.BlockPage: {"block_id", "kind", "title", "state", "ended_text", "goods", "target"},
    wire.StreamList: {"items"},
    wire.Stream: {"stream_id", "title", "theme", "starts_at", "state", "slots"},
    wire.Slot: {
        "slot_id", "title", "brand", "price_fen", "expected_at", "state", "reserved_count",
    },
    wire.Guide: {"guide_id", "title", "rows", "revisions"},
}  # fmt: skip
ALWAYS_THERE = {
    wire.StreamMark: {"stream_id", "title", "theme", "starts_at"},
    wire.Slot: RELIED_ON[wire.Slot],
    wire.Home: {"entries", "banners", "featured", "markets", "brands", "notices"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "names"), RELIED_ON.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_what_clients_rely_on_is_there(kind: type[msgspec.Struct], names: set[str]) -> None:
    assert names <= {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(
    ("kind", "names"), ALWAYS_THERE.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_some_are_there_even_if_empty(kind: type[msgspec.Struct], names: set[str]) -> None:
    required = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}

    assert names <= required


def test_slots_have_the_contracts_words() -> None:
    assert set(get_args(SlotState)) == {"planned", "on_shelf", "sold_out", "withdrawn"}
