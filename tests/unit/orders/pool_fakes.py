"""What fills the pool, in memory: import records and files, coverage, walk and cursor, on the shared journal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from huixue.edge.pool_desks import read_export_rows
from huixue.kernel.errors import MemberErasedError, NotFoundError
from huixue.kernel.events import ExportUploaded, LinePosting, Message, RowsPlanned
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.feeds import Coverage, Interval, joined
from huixue.orders.imports import Import, ImportDesk, apply_chunk, chunk_message, plan
from huixue.orders.model import Order, PoolRow, Row
from huixue.orders.pool import Applied, PoolDesk
from huixue.orders.ports import Place
from huixue.orders.sweep import SweepDesk, Swept, WalkPage, sweep
from tests.unit.orders.fakes import Journal
from tests.unit.orders.world import HASHES, NOW, World

IMPORT_ID = "imp_1"


def one_by_one(
    call: Callable[[Sequence[Row]], Order | None], groups: Iterable[Sequence[Row]]
) -> Iterable[Order | None]:
    return map(call, groups)


class FakeImports:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.rows: dict[str, Import] = {}
        self.finished: set[tuple[str, int]] = set()

    def load(self, import_id: str) -> Import | None:
        self.journal.note("load_import")
        return self.rows.get(import_id)

    def add(self, new: Import) -> Import:
        self.journal.note("add_import")
        return self.rows.setdefault(new.import_id, new)

    def planned(self, done: Import) -> None:
        self.journal.note("planned")
        self.rows[done.import_id] = replace(
            self.rows[done.import_id], rows=done.rows, row_errors=done.row_errors,
            chunks=done.chunks, failure_code=done.failure_code, failure=done.failure,
        )  # fmt: skip

    def is_finished(self, import_id: str, chunk: int) -> bool:
        self.journal.note("is_finished")
        return (import_id, chunk) in self.finished

    def finish_chunk(self, import_id: str, chunk: int, applied: Applied) -> None:
        self.journal.note("finish_chunk")
        if (import_id, chunk) in self.finished:
            return
        self.finished.add((import_id, chunk))
        now = self.rows[import_id]
        self.rows[import_id] = replace(
            now, chunks_finished=now.chunks_finished + 1,
            orders_new=now.orders_new + applied.orders_new,
            orders_changed=now.orders_changed + applied.orders_changed,
            orders_unchanged=now.orders_unchanged + applied.orders_unchanged,
        )  # fmt: skip

    def unfinished_chunks(self, of: Import) -> list[int]:
        self.journal.note("unfinished_chunks")
        return [at for at in range(of.chunks or 0) if (of.import_id, at) not in self.finished]


class FakeFiles:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.uploads: dict[str, bytes] = {}
        self.chunks: dict[tuple[str, int], list[PoolRow]] = {}
        self.errors: dict[str, list[RowError]] = {}

    def open_upload(self, object_key: str) -> BinaryIO:
        self.journal.note("open_upload")
        if object_key not in self.uploads:
            raise NotFoundError("the object is gone: upload the file again")
        return io.BytesIO(self.uploads[object_key])

    def write_chunk(self, import_id: str, chunk: int, rows: Sequence[PoolRow]) -> None:
        self.journal.note("write_chunk")
        self.chunks[import_id, chunk] = list(rows)

    def read_chunk(self, import_id: str, chunk: int) -> list[PoolRow]:
        self.journal.note("read_chunk")
        if (import_id, chunk) not in self.chunks:
            raise NotFoundError("the object is gone: upload the file again")
        return self.chunks[import_id, chunk]

    def write_row_errors(self, import_id: str, errors: Sequence[RowError]) -> None:
        self.journal.note("write_row_errors")
        self.errors[import_id] = list(errors)


class FakeCoverage:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.coverage: dict[str, Coverage] = {}

    def load(self, feed_id: str) -> Coverage:
        self.journal.note("load_coverage")
        return self.coverage.get(feed_id, ())

    def add(self, feed_id: str, interval: Interval) -> Coverage:
        self.journal.note("add_coverage")
        self.coverage[feed_id] = joined(self.coverage.get(feed_id, ()), interval)
        return self.coverage[feed_id]


@dataclass(slots=True)
class FakeCursor:
    place: Place = field(default_factory=Place)

    def load(self) -> Place:
        return self.place

    def save(self, place: Place) -> None:
        self.place = place


@dataclass(slots=True)
class FillingWorld(World):
    """A world with everything that fills its pool, and queues that deliver what was sent."""

    imports: FakeImports = field(init=False)
    files: FakeFiles = field(init=False)
    cursor: FakeCursor = field(default_factory=FakeCursor)
    rest: timedelta = timedelta(0)
    held: dict[str, LinePosting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        World.__post_init__(self)
        self.imports = FakeImports(self.journal)
        self.files = FakeFiles(self.journal)

    @property
    def pool(self) -> PoolDesk:
        return PoolDesk(
            pool=self.store, book=self.store, outbox=self.outbox, in_parallel=one_by_one,
            now=self.clock.now,
        )  # fmt: skip

    @property
    def import_desk(self) -> ImportDesk:
        return ImportDesk(
            imports=self.imports, files=self.files, outbox=self.outbox, metrics=self.metrics,
            now=self.clock.now,
        )  # fmt: skip

    @property
    def sweep_desk(self) -> SweepDesk:
        return SweepDesk(
            pool=self.pool, due=self.store, imports=self.imports, walk=self, cursor=self.cursor,
            postings=self.postings, lineage=self.lineage, metrics=self.metrics, now=self.clock.now,
            rest=self.rest,
        )  # fmt: skip

    def postings(self, member_id: str, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
        if member_id in self.erased:
            raise MemberErasedError("she was erased")
        return {each: self.held[each] for each in line_ids if each in self.held}

    def page(self, start: dict[str, Any] | None, limit: int) -> WalkPage:
        """Three items a page, whatever the limit: cursors are to be seen at work."""
        everything: list[object] = [
            *self.store.by_ref.values(), *self.store.claim_rows.values(),
            *self.store.sync_rows.values(), *self.imports.rows.values(),
        ]  # fmt: skip
        at = int(start["at"]) if start else 0
        items = everything[at : at + 3]
        store = self.store
        return WalkPage(
            orders=[each for each in store.by_ref.values() if each in items],
            claims=[each for each in store.claim_rows.values() if each in items],
            syncs=[each for each in store.sync_rows.values() if each in items],
            imports=[each for each in self.imports.rows.values() if each in items],
            next_start={"at": at + 3} if at + 3 < len(everything) else None,
        )

    def swept(self) -> Swept:
        return sweep(desk=self.sweep_desk, until=self.clock.now() + timedelta(minutes=4))

    def upload(
        self, content: bytes, *, import_id: str = IMPORT_ID, exported_at: datetime = NOW
    ) -> ExportUploaded:
        key = f"imports/{import_id}/upload/export.csv"
        self.files.uploads[key] = content
        self.imports.rows[import_id] = Import(
            import_id=import_id, object_key=key, filename="export.csv", platform="taobao",
            programme_id="demo", room_id="main", exported_at=exported_at, requested_at=NOW,
        )  # fmt: skip
        return ExportUploaded(import_id=import_id, correlation_id=import_id)

    def plan(self, message: ExportUploaded) -> Import:
        return plan(message, desk=self.import_desk, read_export=read_export_rows, hashes=HASHES)

    def apply(self, message: RowsPlanned, *, redelivered: bool = False) -> Applied | None:
        return apply_chunk(message, desk=self.import_desk, pool=self.pool, redelivered=redelivered)

    def imported(self, message: ExportUploaded) -> Import:
        """Planned and applied to its end, every chunk once."""
        done = self.plan(message)
        for chunk in range(done.chunks or 0):
            self.apply(chunk_message(message.import_id, chunk))
        return self.imports.rows[message.import_id]

    def take(self) -> list[Message]:
        """What was sent since the last look."""
        sent, self.outbox.sent = self.outbox.sent, []
        return sent


def pages_of(
    snapshots: Iterable[OrderSnapshot | RowError],
) -> Iterator[OrderSnapshot | RowError]:
    yield from snapshots
