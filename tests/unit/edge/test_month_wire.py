"""The fields a client may rely on, as http-api.md lists them."""

from __future__ import annotations

import msgspec
import pytest

from huixue.edge import month_wire as wire

RELIED_ON = {
    wire.Calendar: {"days", "streak"},
    wire.CalendarDay: {"date", "checked_in", "made_up", "streams", "milestones"},
}


@pytest.mark.parametrize(
    ("kind", "names"), RELIED_ON.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_what_clients_rely_on_is_always_there(kind: type[msgspec.Struct], names: set[str]) -> None:
    required = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}

    assert names <= required
