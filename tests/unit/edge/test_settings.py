from __future__ import annotations

import dataclasses

import pytest

from huixue.edge.settings import Settings
from huixue.kernel.errors import MisconfiguredError

NAMES = [field.name for field in dataclasses.fields(Settings)]


def test_every_field_is_read_from_its_name_in_capitals() -> None:
    found = Settings.read({name.upper(): f"value of {name}" for name in NAMES})

    assert dataclasses.asdict(found) == {name: f"value of {name}" for name in NAMES}


def test_what_is_not_needed_may_be_missing() -> None:
    found = Settings.read({"STAGE": "local", "SOMETHING_ELSE": "x"})

    assert found.need("stage") is found
    assert found.orders_table_name == ""


def test_all_that_is_missing_is_named_at_once() -> None:
    found = Settings.read({"STAGE": "local", "ORDERS_TABLE_NAME": ""})

    with pytest.raises(MisconfiguredError) as refused:
        found.need("stage", "orders_table_name", "points_table_name")

    expected = "not set in the environment: ORDERS_TABLE_NAME, POINTS_TABLE_NAME"
    assert refused.value.message == expected


def test_settings_never_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().stage = "other"  # type: ignore[misc]  # that it is refused is the point
