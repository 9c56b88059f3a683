"""Item sizes against the examples of Amazon's guide."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.sizes import item_bytes, read_units, write_units


@pytest.mark.parametrize(
    ("value", "size_bytes"),
    [
        ({"S": "abc"}, 3),
        ({"S": "回血"}, 6),
        ({"N": "0"}, 1),
        ({"N": "27"}, 2),
        ({"N": "-27"}, 3),
        ({"N": "461"}, 3),
        ({"N": "1500000"}, 2),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"B": b"1234"}, 4),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 3 + 2 + 1 + 1 + 1),
        ({"M": {"ab": {"S": "cd"}}}, 3 + 2 + 2 + 1),
        ({"SS": ["a", "bc"]}, 3),
    ],
)
def test_an_attribute_counts_its_name_and_its_value(value: dict[str, Any], size_bytes: int) -> None:
    assert item_bytes({"name": value}) == len("name") + size_bytes


def test_what_is_not_there_has_no_size_and_still_costs_one_unit() -> None:
    assert item_bytes(None) == 0
    assert write_units(None, None) == 1
    assert read_units(0, consistent=True) == 1


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="X is no DynamoDB type"):
        item_bytes({"name": {"X": 1}})
