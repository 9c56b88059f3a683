"""An account holds lines of its member's own orders alone: so a line that counts for two is found, one account at a
time, and only who does not own it is stopped (LG-E1 v)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from huixue.kernel.errors import UnavailableError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Clawback
from huixue.points import moving
from huixue.points.audit_runs import audit_segment, planned
from huixue.points.transfers import settled
from tests.unit.points.audit_jobs import MORNING, corrupt, everything, has
from tests.unit.points.fakes import ANNA, BERTA, MAIN, POLICY, Clock, Pool, desk_of, local, quote
from tests.unit.points.job_fakes import FAR, Jobs

RULE = "line l1 is of an order of hers"


class Shop:
    """Orders and the ledger of two members; the orders' word is what `jobs.owners` says."""

    def __init__(self) -> None:
        self.jobs = Jobs(clock=Clock(now=local(MORNING)))
        self.pool = Pool()

    def sell(self, *lines: str, to: MemberId = ANNA, pending: bool = False) -> None:
        """Lines of one order, owned and credited."""
        self.pool.say(
            *(quote(each, "pending" if pending else "due", 10, owner=to) for each in lines)
        )
        self.jobs.owners |= dict.fromkeys(lines, to)
        self.settle(to)

    def settle(self, member_id: MemberId) -> None:
        desk = desk_of(self.jobs.ledger, policy=self.jobs.policy, clock=self.jobs.clock)
        settled(member_id, ["o1"], quotes=self.pool, desk=desk)

    def forge(self, line: str = "l1", *, at: MemberId = BERTA, pending: bool = False) -> None:
        """Its points in another ledger too, as a fault of ours would have posted them: every entry in order."""
        said, self.pool = self.pool, Pool()
        self.pool.say(quote(line, "pending" if pending else "due", 10, owner=at))
        self.settle(at)
        self.pool = said

    def hand_over(self, line: str = "l1", *, to: MemberId = BERTA) -> None:
        """A verdict: the order has another owner, and both ledgers agree."""
        giver = self.jobs.owners[line]
        self.jobs.owners[line] = to
        self.pool.say(replace(self.pool.now[line], owner=to))
        self.settle(giver)
        self.settle(to)

    def frozen(self) -> set[str]:
        accounts = self.jobs.ledger.accounts.values()
        return {each.member_id for each in accounts if each.frozen is not None}


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_lines_of_her_own_orders_are_sound(shop: Shop) -> None:
    shop.sell("l1", "l2")

    assert everything(shop.jobs)["violations"] == 0
    assert shop.jobs.asked == [(ANNA,)]


@pytest.mark.parametrize("pending", [False, True])
def test_a_line_in_two_ledgers_stops_whoever_does_not_own_it(shop: Shop, pending: bool) -> None:
    shop.sell("l1", pending=pending)
    shop.forge(pending=pending)

    found = everything(shop.jobs)

    assert found["violations"] == 1
    assert shop.frozen() == set(shop.jobs.alarms) == {BERTA}
    (told,) = shop.jobs.alarms[BERTA]
    assert (told.member_id, told.rule) == (BERTA, RULE)
    held = "0 points and 10 pending" if pending else "10 points and 0 pending"
    assert told.found == f"{held} of an order that is not"
    assert told.expected == f"an order of {BERTA}"
    assert len([each for each in shop.jobs.asked if each == (BERTA,)]) == 3  # the scan, and twice


def test_a_line_of_an_order_that_nobody_owns_is_told(shop: Shop) -> None:
    shop.sell("l1")
    del shop.jobs.owners["l1"]

    assert everything(shop.jobs)["violations"] == 1
    assert shop.frozen() == {ANNA}


def test_who_holds_no_line_costs_no_read_of_orders(shop: Shop) -> None:
    shop.jobs.given(ANNA, 10, "2026-12-31|order")
    shop.sell("l1", to=BERTA)
    shop.pool.say(quote("l1", "void", 0, owner=BERTA))
    shop.settle(BERTA)  # refunded

    assert everything(shop.jobs)["violations"] == 0
    assert shop.jobs.asked == []


def test_a_line_that_was_transferred_is_its_new_owners(shop: Shop) -> None:
    shop.sell("l1")
    shop.hand_over()

    assert everything(shop.jobs)["violations"] == 0
    assert shop.jobs.asked == [(BERTA,)]


def test_a_transfer_between_ledger_and_orders_is_no_violation(shop: Shop) -> None:
    shop.sell("l1")
    shop.jobs.before_owned.append(shop.hand_over)

    assert everything(shop.jobs)["violations"] == 0
    assert shop.frozen() == set()
    assert shop.jobs.asked.count((ANNA,)) == 1  # what the scan showed; then she holds nothing


def test_a_transfer_under_the_last_reading_but_one_is_no_violation(shop: Shop) -> None:
    """The scan was late and showed her with a line that went away while she was read by herself."""
    shop.sell("l1")
    shop.jobs.whole[ANNA] = shop.jobs.ledger.whole(ANNA)
    shop.jobs.before_owned += [shop.hand_over, shop.jobs.whole.clear]

    assert everything(shop.jobs)["violations"] == 0
    assert shop.frozen() == set()
    assert shop.jobs.asked.count((ANNA,)) == 2


def test_what_was_written_off_when_a_line_went_to_its_owner_stays_with_her(shop: Shop) -> None:
    shop.jobs.policy = replace(POLICY, clawback=Clawback(shortfall="write_off"))
    shop.sell("l1")
    desk = desk_of(shop.jobs.ledger, policy=shop.jobs.policy, clock=shop.jobs.clock)
    moving.spend(ANNA, MAIN, "s", 7, {}, desk=desk)
    shop.hand_over()

    assert sum(each.written_off for each in shop.jobs.ledger.entries_of(ANNA)) == 7
    assert everything(shop.jobs)["violations"] == 0


def test_a_merged_member_is_judged_with_all_her_ids_and_the_closed_account_not_at_all(
    shop: Shop,
) -> None:
    shop.sell("l1")
    shop.sell("l2", to=BERTA)
    shop.jobs.ledger.merge(ANNA, BERTA, now=shop.jobs.clock.now)

    assert everything(shop.jobs)["violations"] == 0
    assert shop.jobs.asked == [(BERTA, ANNA)]


def test_a_line_of_a_merged_member_that_went_on_to_a_third_is_nobodys_violation(
    shop: Shop,
) -> None:
    third = MemberId("mem_third")
    shop.sell("l1")
    shop.jobs.ledger.merge(ANNA, BERTA, now=shop.jobs.clock.now)
    shop.hand_over(to=third)

    assert everything(shop.jobs)["violations"] == 0
    assert shop.jobs.asked == [(third,)]


def test_a_forged_line_of_a_merged_member_stops_the_survivor(shop: Shop) -> None:
    third = MemberId("mem_third")
    shop.sell("l1", to=third)
    shop.forge(at=ANNA)
    shop.jobs.ledger.merge(ANNA, BERTA, now=shop.jobs.clock.now)

    assert everything(shop.jobs)["violations"] == 1
    assert shop.frozen() == {BERTA}
    assert shop.jobs.alarms[BERTA][0].expected == f"an order of {BERTA} or {ANNA}"


def test_an_erased_members_lines_are_left_alone(shop: Shop) -> None:
    """Her claims are gone; the order keeps her id."""
    shop.sell("l1")
    shop.jobs.owners.clear()
    shop.jobs.ledger.erase(ANNA, shop.jobs.clock.now)

    assert everything(shop.jobs)["violations"] == 0
    assert shop.jobs.asked == []


def test_an_erasure_between_the_readings_is_no_violation(shop: Shop) -> None:
    shop.sell("l1")

    def erased() -> None:
        shop.jobs.ledger.erase(ANNA, shop.jobs.clock.now)
        shop.jobs.owners.clear()

    shop.jobs.before_owned.append(erased)

    assert everything(shop.jobs)["violations"] == 0
    assert shop.frozen() == set()


def unreadable(member_ids: Sequence[MemberId], hints: Mapping[str, str]) -> set[str]:
    raise KeyError("owner")


def test_orders_that_make_no_sense_condemn_nobody_and_she_is_named_as_left_out(shop: Shop) -> None:
    shop.sell("l1")
    desk = replace(shop.jobs.audit_desk(), owned_lines=unreadable)
    (message,) = (each for each in planned("now-1") if has(shop.jobs, each, ANNA))

    done = audit_segment(message, desk=desk, until=FAR)

    assert done is not None
    assert (done.left_out, done.violations, shop.frozen()) == (1, 0, set())
    assert shop.jobs.unjudged == {ANNA: "ORDERS_UNREADABLE: KeyError: 'owner'"}


def test_orders_that_make_no_sense_hide_nothing_that_is_broken_in_the_ledger(shop: Shop) -> None:
    shop.sell("l1")
    corrupt(shop.jobs, balance=99)
    desk = replace(shop.jobs.audit_desk(), owned_lines=unreadable)
    (message,) = (each for each in planned("now-1") if has(shop.jobs, each, ANNA))

    done = audit_segment(message, desk=desk, until=FAR)

    assert done is not None
    assert (done.left_out, shop.frozen()) == (0, {ANNA})


def test_a_pool_that_does_not_answer_condemns_nobody_and_the_message_comes_again(
    shop: Shop,
) -> None:
    shop.sell("l1")

    def silent() -> None:
        raise UnavailableError("no answer")

    shop.jobs.before_owned.append(silent)
    (message,) = (each for each in planned("now-1") if has(shop.jobs, each, ANNA))

    with pytest.raises(UnavailableError):
        audit_segment(message, desk=shop.jobs.audit_desk(), until=FAR)

    assert (shop.jobs.alarms, shop.jobs.records) == ({}, {})
