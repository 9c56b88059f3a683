"""No order line brings points to two members: the rule that needs all members at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huixue.points.audit import double_credits, line_nets
from huixue.points.use_cases import settle
from tests.unit.points.fakes import ANNA, BERTA, FakeLedger, Pool, desk_of, quote


@pytest.mark.parametrize(
    "nets",
    [
        {},
        {"l1": {ANNA: 10}, "l2": {BERTA: 10}},
        {"l1": {ANNA: 10, BERTA: 0}},
        {"l1": {ANNA: 0, BERTA: 7}},
        {"l1": {ANNA: 10, BERTA: -3}},
    ],
)
def test_a_line_with_one_holder_is_sound(nets: dict[str, dict[str, int]]) -> None:
    assert double_credits(nets) == []


def test_a_line_with_two_holders_is_told_of_both() -> None:
    found = double_credits({"l1": {BERTA: 3, ANNA: 10}, "l2": {ANNA: 1}})

    assert [each.member_id for each in found] == [ANNA, BERTA]
    assert {each.rule for each in found} == {"line l1 is credited to one member"}
    assert {each.found for each in found} == {f"{ANNA}, {BERTA}"}


def test_a_pending_line_counts_as_credited() -> None:
    ledger, pool = FakeLedger(), Pool()
    pool.say(quote("l1", "pending", 10), quote("l2", "due", 4))
    settle(ANNA, ["o1"], quotes=pool, desk=desk_of(ledger))
    entries = ledger.entries_of(ANNA)

    nets = line_nets(entries)

    assert nets == {"l1": 10, "l2": 4}
    theirs = [replace(entry, member_id=BERTA) for entry in entries]
    twice: dict[str, dict[str, int]] = {
        line: {ANNA: net, BERTA: line_nets(theirs)[line]} for line, net in nets.items()
    }
    assert len(double_credits(twice)) == 4
