"""What `huixue coverage` proves about a feed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.orders.feeds import LAG_S, Coverage, joined
from infra.ops.coverage import POLL_S, of_feed

NOW_S = 2_000_000_000
LOOK_BACK_S = 90 * 86_400
START, END = NOW_S - LOOK_BACK_S, NOW_S - LAG_S - POLL_S

intervals = st.tuples(
    st.integers(START - 10_000, NOW_S), st.integers(1, LOOK_BACK_S // 3)
).map(lambda pair: (pair[0], pair[0] + pair[1]))  # fmt: skip


def test_a_feed_that_was_never_read_is_one_gap() -> None:
    found = of_feed("feed", (), NOW_S, LOOK_BACK_S)

    assert found.covered_s == 0
    assert len(found.gaps) == 1
    assert found.lag_s == LOOK_BACK_S - LAG_S


def test_a_feed_read_up_to_the_last_poll_has_no_gap() -> None:
    found = of_feed("feed", ((START, END),), NOW_S, LOOK_BACK_S)

    assert found.gaps == []
    assert found.covered_s == END - START


@settings(deadline=None)
@given(st.lists(intervals, max_size=8))
def test_what_is_covered_and_what_is_missing_make_up_the_look_back(
    windows: list[tuple[int, int]],
) -> None:
    coverage: Coverage = ()
    for window in windows:
        coverage = joined(coverage, window)

    found = of_feed("feed", coverage, NOW_S, LOOK_BACK_S)

    seconds = {low for low, _ in windows if START <= low < END}
    assert 0 <= found.covered_s <= END - START
    assert (found.covered_s == END - START) == (found.gaps == [])
    assert all(any(low <= second < high for low, high in coverage) for second in seconds)
