"""Imports whose messages are lost, doubled or cut off."""

from __future__ import annotations

from dataclasses import dataclass, replace

from huixue.kernel.events import (
    ExportUploaded,
    LinePosting,
    Message,
    OrdersChanged,
    RowsPlanned,
)
from huixue.orders.imports import ROWS_PER_CHUNK, chunk_message
from tests.unit.orders.fakes import DiedError
from tests.unit.orders.pool_fakes import IMPORT_ID, FillingWorld
from tests.unit.orders.test_imports import HOUR, export, number, totals
from tests.unit.orders.world import HASHES, NOW, an_order, ownership


@dataclass(slots=True)
class Delivery:
    """The queues of one import: whatever was sent is delivered, whoever dies is tried again."""

    world: FillingWorld
    deaths: int = 0

    def run(self, first: Message) -> None:
        queue: list[tuple[Message, bool]] = [(first, False)]
        while queue:
            message, redelivered = queue.pop(0)
            try:
                self._act(message, redelivered)
            except DiedError:
                self.deaths += 1
                self.world.journal.die_at = None
                queue.append((message, True))
            queue += [(each, False) for each in self.world.take()]

    def _act(self, message: Message, redelivered: bool) -> None:
        match message:
            case ExportUploaded():
                self.world.plan(message)
            case RowsPlanned():
                self.world.apply(message, redelivered=redelivered)
            case OrdersChanged():
                self.world.held[message.order_refs[0]] = LinePosting(points=1, peak=1)
            case _:
                raise AssertionError(message)


def seeded(content: bytes) -> tuple[FillingWorld, Message]:
    """One of the orders is owned already: it has to be settled when the file changes it."""
    world = FillingWorld()
    order = an_order(ref=HASHES.order_ref("taobao", number(0)))
    world.put(replace(order, ownership=ownership()))
    return world, world.upload(content, exported_at=NOW + HOUR)


def test_killed_before_any_call_and_delivered_again_an_import_ends_with_the_same_totals() -> None:
    count = ROWS_PER_CHUNK + 2
    content = export(count)
    clean, message = seeded(content)
    Delivery(clean).run(message)
    assert totals(clean.imports.rows[IMPORT_ID]) == (count, 0, 2, 2, count - 1, 1, 0)
    pool = {ref: order.sources for ref, order in clean.store.by_ref.items()}
    calls = list(enumerate(clean.journal.calls))
    saves = [at for at, name in calls if name == "save"]
    others = [at for at, name in calls if name != "save"]

    for at in [*others, *saves[:2], *saves[::100], *saves[-2:]]:
        world, message = seeded(content)
        world.journal.die_at = at
        delivery = Delivery(world)
        delivery.run(message)

        done = world.imports.rows[IMPORT_ID]
        assert delivery.deaths == 1, at
        assert (done.status, done.rows, done.chunks_finished) == ("done", count, 2), at
        assert done.orders_new + done.orders_changed + done.orders_unchanged == count, at
        assert {ref: order.sources for ref, order in world.store.by_ref.items()} == pool, at
        assert list(world.held) == [HASHES.order_ref("taobao", number(0))], at


def test_every_message_of_an_import_may_arrive_five_times() -> None:
    world = FillingWorld()
    message = world.upload(export(ROWS_PER_CHUNK + 3))

    for _ in range(5):
        world.plan(message)
    messages = [each for each in world.take() if isinstance(each, RowsPlanned)]
    for each in messages * 5:
        world.apply(each, redelivered=True)

    done = world.imports.rows[IMPORT_ID]
    assert totals(done) == (ROWS_PER_CHUNK + 3, 0, 2, 2, ROWS_PER_CHUNK + 3, 0, 0)
    assert {order.revision for order in world.store.by_ref.values()} == {1}


def test_an_import_whose_chunk_was_lost_goes_on_when_it_is_started_again() -> None:
    world = FillingWorld()
    message = world.upload(export(2 * ROWS_PER_CHUNK))
    world.plan(message)
    world.take()
    world.apply(chunk_message(IMPORT_ID, 0))
    world.files.chunks.clear()  # a day later

    world.plan(message)
    for each in world.take():
        assert isinstance(each, RowsPlanned)
        world.apply(each)

    done = world.imports.rows[IMPORT_ID]
    assert (done.status, done.orders_new) == ("done", 2 * ROWS_PER_CHUNK)


def test_a_finished_chunk_that_comes_again_when_its_rows_are_gone_is_done_already() -> None:
    world = FillingWorld()
    world.imported(world.upload(export(1)))
    world.files.chunks.clear()

    assert world.apply(chunk_message(IMPORT_ID, 0), redelivered=True) is None


def test_a_finished_import_is_not_read_again() -> None:
    world = FillingWorld()
    message = world.upload(export(2))
    done = world.imported(message)
    world.take()
    world.files.uploads.clear()

    assert world.plan(message) == done
    assert world.take() == []
