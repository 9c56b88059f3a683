"""Fields of the affiliate platform's rows: what holds nothing, what has the form of its column, what has not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huixue.platforms.taobao.fields import ID, Fields, UnreadableError, storable


@pytest.mark.parametrize("nothing", [None, "", "  ", "--", " -- "])
def test_what_holds_nothing_is_none_in_every_form_and_missing_where_it_is_needed(
    nothing: object,
) -> None:
    fields = Fields({"a": nothing})

    assert (fields.text("a"), fields.fen("a"), fields.instant("a")) == (None, None, None)
    assert fields.matching("a", ID, "ID") is None
    assert fields.text("not there") is None
    for needed in (
        fields.needed_text, fields.needed_fen, fields.needed_instant, fields.needed_order_number,
    ):  # fmt: skip
        with pytest.raises(UnreadableError) as missing:
            needed("a")
        assert (missing.value.column, missing.value.code) == ("a", "MISSING")


def test_numbers_become_text_without_losing_a_digit() -> None:
    assert Fields({"a": 2**63 - 1}).text("a") == str(2**63 - 1)


@pytest.mark.parametrize("value", [True, 1.5, [], {}, 10**40, b"1"])
def test_what_is_no_text_and_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(UnreadableError) as refused:
        Fields({"a": value}).text("a")

    assert refused.value.code == "TEXT"


@pytest.mark.parametrize(
    ("text", "amount_fen"), [("0.00", 0), ("178.8", 17_880), ("178.80", 17_880), ("12", 1200)]
)
def test_amounts_are_yuan(text: str, amount_fen: int) -> None:
    assert Fields({"a": text}).needed_fen("a") == amount_fen


def test_times_are_those_of_china() -> None:
    read = Fields({"a": "2026-03-02 12:00:00"}).needed_instant("a")

    assert read == datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def test_an_error_names_the_column_and_never_the_value() -> None:
    with pytest.raises(UnreadableError) as refused:
        Fields({"trade_id": "12a-secret"}).needed_order_number("trade_id")

    assert "secret" not in f"{refused.value!r} {refused.value}"


def test_stored_text_is_cut_and_is_always_utf_8() -> None:
    assert storable("a\ud800bc", 3).encode() == b"a?b"
