"""What is true about accounts and entries, for any history: properties, and the cases people argue about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from huixue.kernel.events import LineQuote
from huixue.points.audit import violations
from huixue.points.model import (
    RECENT_ENTRIES,
    Account,
    Change,
    Entry,
    LinePostings,
    added_to,
    changes_for,
    expiring,
    lot_key,
    merge_changes,
    posted,
)
from tests.unit.points.fakes import ANNA, BERTA, NOW, Status, change, quote, recomputed

quick = settings(deadline=None, max_examples=60)
LINES = ("a", "b", "c")
MONTHS = [NOW + timedelta(days=31 * month) for month in range(14)]


@st.composite
def quotes(draw: st.DrawFn) -> LineQuote:
    status: Status = draw(st.sampled_from(("pending", "due", "void", "parked")))
    points = draw(st.integers(0, 300)) if status in {"pending", "due"} else 0
    return quote(draw(st.sampled_from(LINES)), status, points)


@st.composite
def spendings(draw: st.DrawFn) -> int:
    """Points that went another way (a redemption of later): they are what makes debt possible."""
    return -draw(st.integers(1, 400))


Step = LineQuote | int


class History:
    """One member's accounts as the model makes them: quotes settle, a spending takes, a merger moves."""

    def __init__(self) -> None:
        self.account = Account(member_id=ANNA)
        self.entries: list[Entry] = []
        self.earlier: list[tuple[Account, list[Entry]]] = []

    def take(self, step: Step, now: datetime) -> None:
        if isinstance(step, LineQuote):
            self.post(changes_for([step], self.postings()), now)
        else:
            self.post([change(step, key=f"spent#{len(self.entries)}")], now)

    def post(self, changes: Sequence[Change], now: datetime) -> None:
        if changes:
            self.account, entries = posted(self.account, changes, now)
            self.entries += entries

    def everything(self) -> list[Entry]:
        return [*(entry for _, entries in self.earlier for entry in entries), *self.entries]

    def postings(self) -> Mapping[str, LinePostings]:
        held: dict[str, LinePostings] = {}
        for entry in self.everything():
            line_id = str(entry.source.get("line_id"))
            held[line_id] = added_to(held.get(line_id, LinePostings()), entry)
        return held

    def merge_into(self, survivor: Account, entries: list[Entry], now: datetime) -> None:
        out, into = merge_changes(self.account, survivor)
        closed, out_entries = posted(self.account, [out], now)
        survivor, in_entries = posted(survivor, [into], now)
        closed = replace(closed, merged_into=survivor.member_id)
        self.earlier.append((closed, [*self.entries, *out_entries]))
        self.account, self.entries = survivor, [*entries, *in_entries]


def played(steps: Sequence[Step]) -> History:
    history = History()
    for index, step in enumerate(steps):
        history.take(step, MONTHS[index % len(MONTHS)])
    return history


def assert_sound(account: Account, entries: Sequence[Entry]) -> None:
    assert account.balance == sum(entry.points for entry in entries)
    assert account.pending == sum(entry.pending for entry in entries)
    assert sum(account.lots.values()) == account.available == max(0, account.balance)
    assert all(size > 0 for size in account.lots.values())
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert all(b.balance_after == a.balance_after + b.points for a, b in pairwise(entries))
    newest = [entry.source_key for entry in reversed(entries)]
    assert list(account.recent) == newest[:RECENT_ENTRIES]


@quick
@given(st.lists(quotes() | spendings(), max_size=25))
def test_every_invariant_holds_after_any_history(steps: list[Step]) -> None:
    history = played(steps)

    assert_sound(history.account, history.entries)
    assert history.account.version == len(history.entries)


@quick
@given(st.lists(quotes(), min_size=1, max_size=20))
def test_any_sequence_of_quotes_ends_with_the_newest_of_each_line(said: list[LineQuote]) -> None:
    history = played(said)

    newest = {each.line_id: each for each in said if each.status != "parked"}
    held = history.postings()
    for line_id, each in newest.items():
        now = held.get(line_id, LinePostings())
        assert now.points == (each.points if each.status == "due" else 0)
        assert now.pending == (each.points if each.status == "pending" else 0)
    assert violations(history.account, history.entries, recomputed) == []


@quick
@given(st.lists(quotes(), min_size=1, max_size=10))
def test_settling_the_same_quotes_again_posts_nothing(said: list[LineQuote]) -> None:
    history = played(said)

    newest = {each.line_id: each for each in said if each.status != "parked"}

    assert changes_for(list(newest.values()), history.postings()) == []


def test_a_parked_line_leaves_the_ledger_as_it_is() -> None:
    history = played([quote("a", "due", 100)])

    assert changes_for([quote("a", "parked", 0)], history.postings()) == []


def test_a_line_that_swings_between_confirmed_and_cancelled_ends_with_one_net_credit() -> None:
    swings = [quote("a", status, 90 if status == "due" else 0) for status in ("due", "void")] * 3

    history = played([*swings, quote("a", "due", 90)])

    assert history.account.balance == history.account.lifetime == 90
    assert [entry.points for entry in history.entries] == [90, -90] * 3 + [90]
    assert len({entry.lot for entry in history.entries}) == 1


def test_three_partial_refunds_never_take_more_than_was_credited() -> None:
    left = [quote("a", "due", points) for points in (100, 63, 26, 0)]

    history = played(left)

    assert [entry.points for entry in history.entries] == [100, -37, -37, -26]
    assert history.account.balance == 0
    assert history.account.lots == {}


def test_a_line_confirmed_after_pending_moves_its_points_in_one_entry() -> None:
    history = played([quote("a", "pending", 70), quote("a", "due", 70)])

    assert [(each.points, each.pending) for each in history.entries] == [(0, 70), (70, -70)]
    assert history.account.pending == 0
    assert history.account.available == 70


def test_a_clawback_takes_the_lot_of_its_own_line_first_and_then_the_earliest() -> None:
    account = Account(member_id=ANNA)
    for index in (1, 0, 2):
        account, _ = posted(account, [change(10, key=f"l{index}")], MONTHS[index])
    earliest, own, latest = (lot_key(MONTHS[index], "order") for index in range(3))

    once, _ = posted(account, [change(-10, key="c", lot=own)], NOW)
    more, _ = posted(account, [change(-15, key="c", lot=own)], NOW)

    assert once.lots == {earliest: 10, latest: 10}
    assert more.lots == {earliest: 5, latest: 10}


def test_debt_is_repaid_before_new_points_can_be_spent() -> None:
    indebted, _ = posted(Account(member_id=ANNA), [change(-30, key="c")], NOW)

    repaid, entries = posted(indebted, [change(100, key="l")], NOW)

    assert (indebted.available, indebted.debt) == (0, 30)
    assert (repaid.available, repaid.debt) == (70, 0)
    assert repaid.lots == {lot_key(NOW, "order"): 70}
    assert entries[0].balance_after == 70


def test_a_credit_smaller_than_the_debt_leaves_nothing_to_spend() -> None:
    indebted, _ = posted(Account(member_id=ANNA), [change(-30, key="c")], NOW)

    still, _ = posted(indebted, [change(20, key="l")], NOW)

    assert (still.available, still.debt, still.lots) == (0, 10, {})


@quick
@given(
    st.lists(quotes() | spendings(), max_size=12),
    st.lists(spendings() | st.integers(1, 300), max_size=6),
    st.lists(quotes(), max_size=8),
)
def test_a_merger_moves_everything_and_later_changes_come_from_the_survivor(
    hers: list[Step], survivors: list[int], later: list[LineQuote]
) -> None:
    history = played(hers)
    before = history.account
    survivor, entries = posted(
        Account(member_id=BERTA),
        [change(points, key=f"s{index}") for index, points in enumerate(survivors)],
        NOW,
    )
    history.merge_into(survivor, entries, NOW)
    merged = history.account
    for each in later:
        history.take(each, NOW)

    closed, closed_entries = history.earlier[0]
    assert (closed.balance, closed.pending, closed.lifetime, closed.lots) == (0, 0, 0, {})
    assert_sound(closed, closed_entries)
    assert merged.balance == survivor.balance + before.balance
    assert merged.pending == survivor.pending + before.pending
    assert merged.lifetime == survivor.lifetime + before.lifetime
    assert_sound(history.account, history.entries)
    newest = {each.line_id: each for each in later if each.status != "parked"}
    for line_id, each in newest.items():
        held = history.postings().get(line_id, LinePostings())
        assert held.points == (each.points if each.status == "due" else 0)
    moved = history.account.balance - merged.balance
    assert moved == sum(entry.points for entry in history.entries[len(entries) + 1 :])


def test_a_refund_after_a_merger_is_taken_from_the_survivor_to_the_point() -> None:
    history = played([quote("a", "due", 100), quote("b", "pending", 40)])
    survivor, entries = posted(Account(member_id=BERTA), [change(7, key="s")], MONTHS[1])
    history.merge_into(survivor, entries, MONTHS[2])

    history.take(quote("a", "due", 60), MONTHS[3])
    history.take(quote("b", "due", 40), MONTHS[3])

    closed, _ = history.earlier[0]
    assert closed.merged_into == BERTA
    assert history.account.balance == 7 + 60 + 40
    assert history.account.pending == 0
    assert history.account.lots[lot_key(MONTHS[0], "order")] == 60
    assert history.entries[-2].source_key == "line#a#0002"


def test_the_debt_of_a_merged_member_is_taken_from_the_survivors_lots() -> None:
    indebted, _ = posted(Account(member_id=ANNA), [change(-30, key="c")], NOW)
    survivor, _ = posted(Account(member_id=BERTA), [change(100, key="s")], NOW)

    out, into = merge_changes(indebted, survivor)
    closed, _ = posted(indebted, [out], NOW)
    merged, _ = posted(survivor, [into], NOW)

    assert (closed.balance, closed.lots) == (0, {})
    assert (merged.balance, sum(merged.lots.values())) == (70, 70)


def test_the_lots_of_a_merged_member_repay_the_survivors_debt() -> None:
    rich = Account(member_id=ANNA)
    for month in range(3):
        rich, _ = posted(rich, [change(20, key=f"l{month}")], MONTHS[month])
    indebted, _ = posted(Account(member_id=BERTA), [change(-30, key="c")], NOW)

    _, into = merge_changes(rich, indebted)
    merged, _ = posted(indebted, [into], NOW)

    assert merged.balance == 30
    assert merged.lots == {lot_key(MONTHS[1], "order"): 10, lot_key(MONTHS[2], "order"): 20}


def test_points_expire_at_the_end_of_the_month_a_year_on_in_shanghai() -> None:
    last_second = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    account, _ = posted(Account(member_id=ANNA), [change(10, key="l1")], last_second)
    account, _ = posted(account, [change(5, key="l2")], last_second + timedelta(seconds=1))

    assert expiring(account) == [(date(2027, 11, 30), 10), (date(2027, 12, 31), 5)]
