from __future__ import annotations

import itertools
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from huixue.orders.feeds import (
    LAG_S,
    OVERLAP_S,
    Coverage,
    Interval,
    gaps,
    joined,
    lag_s,
    wanted,
    windows,
)


def _joined_all(given_intervals: Iterable[Interval]) -> Coverage:
    coverage: Coverage = ()
    for each in given_intervals:
        coverage = joined(coverage, each)
    return coverage


moments = st.integers(0, 400)
intervals = st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1])
coverages = st.lists(intervals, max_size=8).map(_joined_all)


def seconds(given_intervals: Iterable[Interval]) -> set[int]:
    return {second for low, high in given_intervals for second in range(low, high)}


@given(st.lists(intervals, max_size=8), st.randoms(use_true_random=False))
def test_coverage_is_the_union_sorted_apart_and_the_same_in_any_order(
    given_intervals: list[Interval], shuffled: object
) -> None:
    coverage = _joined_all(given_intervals)
    other_way = _joined_all([*given_intervals[::-1], *given_intervals])

    assert seconds(coverage) == seconds(given_intervals)
    assert other_way == coverage
    assert all(left[1] < right[0] for left, right in itertools.pairwise(coverage))


@given(coverages, moments, moments)
def test_gaps_are_exactly_what_is_not_covered(coverage: Coverage, start: int, end: int) -> None:
    missing = gaps(coverage, start, end)

    assert seconds(missing) == set(range(start, end)) - seconds(coverage)
    assert missing == sorted(missing)


@given(st.lists(intervals, max_size=5), st.integers(1, 50))
def test_windows_cut_gaps_without_loss_and_none_is_too_long(
    given_intervals: list[Interval], longest: int
) -> None:
    cut = list(windows(given_intervals, longest))

    assert sum(high - low for low, high in cut) == sum(high - low for low, high in given_intervals)
    assert seconds(cut) == seconds(given_intervals)
    assert all(0 < high - low <= longest for low, high in cut)


scaled = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 60)).map(
        lambda pair: (pair[0] * 60, (pair[0] + pair[1]) * 60)
    ),
    max_size=6,
).map(_joined_all)


@given(scaled, st.integers(100, 320))
def test_what_is_wanted_is_every_gap_and_the_newest_ten_minutes_and_nothing_else(
    coverage: Coverage, now_minute: int
) -> None:
    now_s, look_back_s = now_minute * 60, 200 * 60
    start, end = now_s - look_back_s, now_s - LAG_S
    inside = set(range(max(start, 0), end))
    newest = min(coverage[-1][1], end) if coverage else 0
    overlap = set(range(newest - OVERLAP_S, newest)) & inside
    after = {second for second in inside if second >= newest}

    asked = seconds(wanted(coverage, now_s, look_back_s)) & inside

    assert asked == (inside - seconds(coverage)) | overlap | (after if coverage else inside)
    assert max(asked, default=0) < end


@given(scaled, st.integers(100, 320))
def test_the_lag_is_the_age_of_the_oldest_instant_that_is_not_covered(
    coverage: Coverage, now_minute: int
) -> None:
    now_s, look_back_s = now_minute * 60, 100 * 60
    end = now_s - LAG_S
    missing = set(range(now_s - look_back_s, end)) - seconds(coverage)

    assert lag_s(coverage, now_s, look_back_s) == (end - min(missing) if missing else 0)
