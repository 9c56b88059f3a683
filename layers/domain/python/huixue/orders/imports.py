"""Imports: an uploaded export becomes chunks of pool rows, and every chunk is applied exactly as often as needed.

Planning reads the file once, in a stream; what it writes per chunk holds hashed references only. A chunk is
finished by a record of its own in the same transaction as the totals, so a repeated chunk is counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Protocol

from huixue.kernel.errors import HuixueError, NotFoundError
from huixue.kernel.events import ExportUploaded, RowsPlanned
from huixue.kernel.ids import KeyedHash
from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.orders.model import PoolRow
from huixue.orders.pool import Applied, PoolDesk, apply_rows, pool_row
from huixue.orders.ports import Metrics, Outbox

ROWS_PER_CHUNK = 500
MAX_ROW_ERRORS_KEPT = 10_000
"""Row errors written out; beyond that only their number is kept: the file is not what it claims to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One uploaded export. Running until a plan failed (`failure_code`) or every planned chunk is finished."""

    import_id: str
    object_key: str
    filename: str
    platform: str
    programme_id: str
    room_id: str
    exported_at: datetime
    requested_at: datetime
    rows: int = 0
    row_errors: int = 0
    chunks: int | None = None
    """Known once planning is over."""
    chunks_finished: int = 0
    orders_new: int = 0
    orders_changed: int = 0
    orders_unchanged: int = 0
    failure_code: str | None = None
    failure: str | None = None

    @property
    def status(self) -> str:
        if self.failure_code is not None:
            return "failed"
        return (
            "done" if self.chunks is not None and self.chunks_finished >= self.chunks else "running"
        )


class ImportBook(Protocol):
    def load(self, import_id: str) -> Import | None: ...

    def add(self, new: Import) -> Import:
        """Stores it if absent; returns what is stored now."""
        ...

    def planned(self, done: Import) -> None:
        """Writes what planning found: rows, row errors, chunks, or the failure. Repeatable."""
        ...

    def is_finished(self, import_id: str, chunk: int) -> bool: ...

    def finish_chunk(self, import_id: str, chunk: int, applied: Applied) -> None:
        """Adds to the totals, once per chunk."""
        ...

    def unfinished_chunks(self, of: Import) -> list[int]: ...


class ImportFiles(Protocol):
    def open_upload(self, object_key: str) -> BinaryIO:
        """Raises NotFoundError once the object is gone (a day after its upload)."""
        ...

    def write_chunk(self, import_id: str, chunk: int, rows: Sequence[PoolRow]) -> None: ...

    def read_chunk(self, import_id: str, chunk: int) -> list[PoolRow]: ...

    def write_row_errors(self, import_id: str, errors: Sequence[RowError]) -> None: ...


class ReadExport(Protocol):
    """The parser: line numbers with snapshots or row errors, as a stream."""

    def __call__(
        self, stream: BinaryIO, *, filename: str, platform: str, as_of: datetime
    ) -> Iterable[OrderSnapshot | RowError]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDesk:
    imports: ImportBook
    files: ImportFiles
    outbox: Outbox
    metrics: Metrics
    now: Callable[[], datetime]


def plan(
    message: ExportUploaded, *, desk: ImportDesk, read_export: ReadExport, hashes: KeyedHash
) -> Import:
    """Reads the upload and sends its chunks on, one by one while it reads. May be repeated: the same file gives
    the same chunks, and chunks that are finished are skipped when they arrive again; so planning a running import
    once more also brings back a chunk that was lost. A file that is no export ends the import with what was
    expected; nothing of it is imported."""
    current = _loaded(message.import_id, desk)
    if current.status != "running":
        return current
    try:
        done = _planned(current, desk, read_export, hashes)
    except HuixueError as error:
        if isinstance(error, NotFoundError) or error.code == "NOT_AN_EXPORT":
            done = replace(current, failure_code=error.code, failure=error.message)
        else:
            raise
    desk.imports.planned(done)
    desk.metrics.count("ImportRows", done.rows)
    desk.metrics.count("ImportRowErrors", done.row_errors)
    return done


def _loaded(import_id: str, desk: ImportDesk) -> Import:
    found = desk.imports.load(import_id)
    if found is None:
        raise NotFoundError("no such import", import_id=import_id)
    return found


def _planned(
    current: Import, desk: ImportDesk, read_export: ReadExport, hashes: KeyedHash
) -> Import:
    room = f"{current.programme_id}/{current.room_id}"
    errors: list[RowError] = []
    error_count = 0

    with desk.files.open_upload(current.object_key) as stream:
        readings = read_export(
            stream, filename=current.filename, platform=current.platform, as_of=current.exported_at
        )

        def rows() -> Iterator[PoolRow]:
            nonlocal error_count
            for reading in readings:
                if isinstance(reading, RowError):
                    error_count += 1
                    if len(errors) < MAX_ROW_ERRORS_KEPT:
                        errors.append(reading)
                else:
                    yield pool_row(reading, room=room, hashes=hashes)

        row_count, chunk = 0, 0
        source = rows()
        while batch := list(islice(source, ROWS_PER_CHUNK)):
            desk.files.write_chunk(current.import_id, chunk, batch)
            desk.outbox.apply([chunk_message(current.import_id, chunk)])
            row_count, chunk = row_count + len(batch), chunk + 1
    desk.files.write_row_errors(current.import_id, errors)
    return replace(current, rows=row_count, row_errors=error_count, chunks=chunk)


def chunk_message(import_id: str, chunk: int) -> RowsPlanned:
    return RowsPlanned(import_id=import_id, chunk=chunk, correlation_id=import_id)


def apply_chunk(
    message: RowsPlanned, *, desk: ImportDesk, pool: PoolDesk, redelivered: bool
) -> Applied | None:
    """Applies one chunk; None if it was finished before. May be repeated or die anywhere: a second run finds the
    orders as they are, signals them again (`redelivered`), and is counted once."""
    if desk.imports.is_finished(message.import_id, message.chunk):
        return None
    rows = desk.files.read_chunk(message.import_id, message.chunk)
    applied = apply_rows(rows, desk=pool, resend=redelivered)
    desk.imports.finish_chunk(message.import_id, message.chunk, applied)
    return applied
