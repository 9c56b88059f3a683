"""Items come back from DynamoDB's own JSON as they went in; what our items never hold is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.dynamodb.items import decoded, decoded_value, encoded, encoded_value

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = TEXT.filter(bool)  # an attribute has a name
BYTES = st.binary(max_size=40)
LARGEST = 10**38 - 1  # DynamoDB keeps 38 digits
SCALARS = st.none() | st.booleans() | TEXT | st.integers(-LARGEST, LARGEST) | BYTES
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=4),
    max_leaves=12,
)
ITEMS = st.dictionaries(NAME, VALUES, max_size=6)


@settings(deadline=None)
@given(ITEMS)
def test_every_item_comes_back_as_it_went_in(item: dict[str, Any]) -> None:
    assert decoded(encoded(item)) == item


@settings(deadline=None)
@given(VALUES)
def test_the_kind_of_a_value_comes_back_too(value: Any) -> None:
    assert repr(decoded_value(encoded_value(value))) == repr(value)


def test_a_tuple_comes_back_as_a_list() -> None:
    assert decoded(encoded({"keys": ("a", "b")})) == {"keys": ["a", "b"]}


def test_truth_values_are_no_numbers() -> None:
    assert encoded({"yes": True, "one": 1}) == {"yes": {"BOOL": True}, "one": {"N": "1"}}


@pytest.mark.parametrize(
    "value",
    [1.5, 1.0, float("nan"), bytearray(b"bytes"), {1, 2}, object()],
    ids=lambda each: type(each).__name__,
)
def test_what_our_items_never_hold_is_refused_before_anything_is_sent(value: object) -> None:
    with pytest.raises(TypeError, match="an item cannot hold"):
        encoded({"deep": [{"inside": value}]})


@pytest.mark.parametrize("raw", [{"SS": ["a"]}, {"BS": [b"x"]}, {"NS": ["1"]}], ids=str)
def test_what_somebody_else_wrote_into_our_table_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="never holds"):
        decoded_value(raw)


def test_a_fraction_in_our_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.5"):
        decoded_value({"N": "1.5"})
