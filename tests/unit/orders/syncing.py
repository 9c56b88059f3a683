"""Asking for syncs and working them off, and a shelf with every kind of order an account can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from huixue.kernel.ids import MemberId
from huixue.orders.model import OrderSync
from huixue.orders.sync_runs import run
from huixue.orders.syncs import StartSync, message_of_sync, start
from tests.unit.orders.world import (
    HASHES,
    NOW,
    OTHER,
    REF,
    World,
    a_sync_command,
    an_order,
    line,
    ownership,
)


def asked(world: World, command: StartSync | None = None) -> OrderSync:
    return start(command or a_sync_command(), desk=world.syncs, hashes=HASHES).sync


def work(world: World, sync: OrderSync) -> OrderSync | None:
    def settle(member_id: MemberId, order_refs: Sequence[str]) -> None:
        world.journal.note(f"settle {member_id} {len(order_refs)}")

    return run(message_of_sync(sync), desk=world.syncs, settle=settle)


def ended(world: World, command: StartSync | None = None) -> OrderSync:
    done = work(world, asked(world, command))
    assert done is not None
    return done


def shelf(world: World) -> None:
    """Her account's orders: the proof, three of her own kind, one taken, one outside, one masked, one foreign."""
    orders = {
        "proof": an_order(),
        "paid": an_order(line("paid")),
        "unpaid": an_order(line("unpaid", 0, paid_at=None)),
        "two lines": an_order(line("confirmed", 5000), line("unknown", 5000)),
        "taken": replace(an_order(), ownership=ownership(OTHER, via="clm_other")),
        "old": an_order(line(paid_at=NOW - timedelta(days=120))),
        "other room": an_order(line(room="other/main")),
        "masked": an_order(line(account=None)),
        "foreign": an_order(line(account="别人")),
    }
    for name, order in orders.items():
        ref = REF if name == "proof" else HASHES.order_ref("taobao", name)
        world.put(replace(order, order_ref=ref))
