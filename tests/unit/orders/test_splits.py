"""Split orders: parts come to the same lines whatever comes first, and no line that was quoted is forgotten."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import OrderRef
from huixue.kernel.snapshots import STATE_RANK
from huixue.orders.model import WHOLE_ORDER, Line
from huixue.orders.splits import paid_fen, stored_key, whole
from tests.unit.orders.world import NOW, line

ONE, TWO = OrderRef("jd:k1:onepartofit"), OrderRef("jd:k1:twopartsofit")


def test_a_part_lies_beside_its_line_under_a_piece_of_its_own_number() -> None:
    assert stored_key("order", None) == "order"
    assert stored_key("order", ONE) == "order@oneparto"
    assert stored_key("order", ONE) != stored_key("order", TWO)


def test_lines_without_parts_are_what_they_are() -> None:
    lines = {"b": line(), "a": line("closed")}

    assert whole(lines).lines == lines
    assert list(whole(lines).lines) == ["a", "b"]
    assert whole(lines).moved == frozenset()


def test_a_split_line_is_the_sum_of_its_parts_in_the_state_of_the_least_advanced() -> None:
    found = whole({
        "order": line("closed", 30000),
        "order@1": line("confirmed", 10000, 500, freight_fen=100),
        "order@2": line("shipped", 20000, freight_fen=200),
    })  # fmt: skip

    (folded,) = found.lines.values()
    assert (folded.state, folded.paid_fen, folded.refunded_fen) == ("shipped", 30000, 500)
    assert folded.freight_fen == 300


def test_a_part_that_was_closed_is_a_refund_of_what_was_paid_for_it() -> None:
    found = whole({
        "order@1": line("confirmed", 10000),
        "order@2": line("closed", 20000, freight_fen=700),
    })  # fmt: skip

    folded = found.lines["order"]
    assert (folded.state, folded.paid_fen, folded.refunded_fen) == ("confirmed", 30000, 20000)
    assert folded.freight_fen == 0


def test_a_line_is_confirmed_when_its_last_part_is() -> None:
    later = NOW + timedelta(days=3)
    parts = {"a@1": line(confirmed_at=NOW), "a@2": line(confirmed_at=later), "a@3": line("closed")}

    assert whole(parts).lines["a"].confirmed_at == later
    assert whole(parts | {"a@2": line("paid")}).lines["a"].confirmed_at is None


def test_parts_under_new_numbers_are_carried_by_the_line_that_was_claimed() -> None:
    found = whole({
        WHOLE_ORDER: line("closed", 30000),
        "new1@1": line("confirmed", 10000),
        "new2@2": line("confirmed", 20000),
    })  # fmt: skip

    assert found.moved == {"new1", "new2"}
    assert found.lines[WHOLE_ORDER].paid_fen == 30000
    assert [found.lines[key].paid_fen for key in ("new1", "new2")] == [0, 0]


def test_of_several_lines_the_one_without_parts_of_its_own_carries_what_was_numbered_anew() -> None:
    found = whole({
        "a": line("closed", 100), "b": line("closed", 200), "c": line("paid", 400),
        "a@1": line("confirmed", 100), "new@2": line("confirmed", 600),
    })  # fmt: skip

    assert {key: of.paid_fen for key, of in found.lines.items()} == {
        "a": 100, "b": 600, "c": 0, "new": 0,
    }  # fmt: skip
    assert found.moved == {"c", "new"}


@st.composite
def stored(draw: st.DrawFn) -> dict[str, Line]:
    keys = draw(st.sets(st.sampled_from(["a", "b", "a@1", "a@2", "b@1", "x@1", "y@2"]), min_size=1))
    return {
        key: line(draw(st.sampled_from(list(STATE_RANK))), draw(st.integers(0, 9)), 0)
        for key in sorted(keys)
    }


@given(stored())
def test_no_fen_is_lost_or_doubled(lines: dict[str, Line]) -> None:
    """Parts count; originals count where nothing took their place."""
    split = {key.partition("@")[0] for key in lines if "@" in key}
    originals = {key for key in lines if "@" not in key}
    bare = set() if split - originals else originals - split
    counting = [of for key, of in lines.items() if "@" in key or key in bare]

    found = whole(lines)

    if all(of.state != "unpaid" for of in counting):
        assert sum(map(paid_fen, found.lines.values())) == sum(map(paid_fen, counting))


@given(stored(), st.data())
def test_a_line_that_was_quoted_once_is_quoted_for_ever(
    lines: dict[str, Line], data: st.DataObject
) -> None:
    fewer = data.draw(st.sets(st.sampled_from(sorted(lines))))

    before = whole({key: lines[key] for key in fewer}).lines if fewer else {}

    assert set(before) <= set(whole(lines).lines)


@given(stored())
def test_the_order_in_which_lines_lie_there_is_nothing(lines: dict[str, Line]) -> None:
    shuffled = list(permutations(lines.items()))[:24]

    assert all(whole(dict(each)) == whole(lines) for each in shuffled)
