"""Export files of platforms → order snapshots, streamed: the door of this room.

Guarantees: one (line number, snapshot or row error) pair per row, in the file's order; memory does not grow
with a CSV's size; nothing but the columns of `formats.py` is read; no value appears in an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import PurePath
from typing import BinaryIO, Literal

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.exports import csv_rows, xlsx_rows
from huixue.platforms.exports.errors import CellError, NotAnExportError
from huixue.platforms.exports.formats import FORMATS, ExportFormat, ExportKind, squeezed
from huixue.platforms.exports.rows import Layout, RowReader, layout_of

ExportRow = tuple[int, OrderSnapshot | RowError]
MAX_NAMES_SHOWN = 20
MAX_NAME_CHARS = 20
_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old or password-protected Office file: save it as plain XLSX or CSV"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReading:
    """A recognised export. `rows` can be gone through once, while the stream is open."""

    platform: str
    kind: ExportKind
    file_format: Literal["csv", "xlsx"]
    encoding: str | None
    """None for XLSX."""
    header_line: int
    columns: tuple[str, ...]
    """Columns of this file that are read, by their printed names."""
    missing_columns: tuple[str, ...]
    """Columns that would be read, were they there."""
    rows: Iterator[ExportRow] = field(repr=False)


def read_export(
    stream: BinaryIO, *, filename: str, platform: str, as_of: datetime
) -> ExportReading:
    """Recognises the export in `stream` by its bytes and header and reads its rows as they are asked for.

    `as_of` (aware) is when the platform made the export; every snapshot carries it. `filename` is only
    named in messages. Raises NotAnExportError, before the first row, where it is no export of `platform`.
    The stream is read forward only and not closed; errors of its own pass through.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a zone")
    export_format = FORMATS.get(platform)
    if export_format is None:
        known = ", ".join(sorted(FORMATS))
        raise NotAnExportError(
            f"no exports of platform {platform!r} can be read, only of {known}", platform=platform
        )
    block = csv_rows.first_block(stream)
    attempt = _Attempt(export_format=export_format, filename=PurePath(filename).name, as_of=as_of)
    if xlsx_rows.is_workbook(block):
        return attempt.workbook(block, stream)
    return attempt.text(block, stream)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    export_format: ExportFormat
    filename: str
    as_of: datetime

    def text(self, block: bytes, stream: BinaryIO) -> ExportReading:
        dialect = csv_rows.sniffed(block, self.export_format)
        if dialect is None:
            raise self._refused(_what_bytes_are(block))
        records = csv_rows.records(block, stream, dialect)
        found = self._header(records)
        if isinstance(found, str):
            raise self._refused(found)
        header_line, layout = found
        return self._reading(layout, header_line, records, encoding=dialect.encoding)

    def workbook(self, block: bytes, stream: BinaryIO) -> ExportReading:
        file = xlsx_rows.spooled(block, stream)
        what = "a workbook without sheets"
        try:
            for records in xlsx_rows.sheets(file):
                found = self._header(records)
                if isinstance(found, str):
                    what = found
                    continue
                header_line, layout = found
                kept_open = _closing(records, file.close)
                return self._reading(layout, header_line, kept_open, encoding=None)
            raise self._refused(what)
        except NotAnExportError:
            file.close()
            raise

    def _header(self, records: Iterator[csv_rows.Record]) -> tuple[int, Layout] | str:
        """The first record that is a header, or what was found instead."""
        found = "no line of column names"
        for line_number, record in islice(records, csv_rows.HEADER_WITHIN_RECORDS):
            if isinstance(record, RowError):
                continue
            if isinstance(record, csv_rows.DamagedRecord):
                found = "bytes that cannot be decoded before or among the names of the columns"
                continue
            try:
                layout = layout_of(_trimmed(record), self.export_format)
            except CellError as error:
                return f"the column {error.column} twice"
            if layout is not None:
                return line_number, layout
            found = self._names(record) or found
        return found

    def _names(self, record: Sequence[str]) -> str | None:
        """The names of a line that is a header. A line without any known name may be somebody's data."""
        names = [squeezed(name)[:MAX_NAME_CHARS] for name in record]
        known = self.export_format.columns.keys() | self.export_format.unread_columns
        if not known & set(names):
            return None
        return "the columns " + ", ".join(names[:MAX_NAMES_SHOWN])

    def _reading(
        self,
        layout: Layout,
        header_line: int,
        records: Iterator[csv_rows.Record],
        *,
        encoding: str | None,
    ) -> ExportReading:
        reader = RowReader(layout, as_of=self.as_of, exact_width=encoding is not None)
        wanted = self.export_format.columns.items()
        return ExportReading(
            platform=self.export_format.platform,
            kind=layout.kind,
            file_format="csv" if encoding else "xlsx",
            encoding=encoding,
            header_line=header_line,
            columns=tuple(name for name, known in wanted if layout.has(known)),
            missing_columns=tuple(
                name
                for name, known in wanted
                if not layout.has(known) and known not in self.export_format.optional
            ),
            rows=reader.snapshots(records),
        )

    def _refused(self, found: str) -> NotAnExportError:
        kinds = " or ".join(
            "+".join(name for name, known in self.export_format.columns.items() if known in needed)
            for needed in self.export_format.recognised_by.values()
        )
        return NotAnExportError(
            f"{self.filename}: expected an order export of {self.export_format.platform} (CSV or XLSX "
            f"with the columns {kinds}), found {found}",
            platform=self.export_format.platform,
        )


def _trimmed(names: Sequence[str]) -> Sequence[str]:
    """A header without blank names at its end, as spreadsheets leave them."""
    end = len(names)
    while end and not names[end - 1].strip():
        end -= 1
    return names[:end]


def _what_bytes_are(block: bytes) -> str:
    if not block.strip():
        return "an empty file"
    for signature, meaning in _SIGNATURES:
        if block.startswith(signature):
            return meaning
    if block.lstrip()[:200].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page (perhaps the login page of an expired download)"
    if b"\0" in block[:1024]:
        return "a binary file"
    return "a text of which no column is known"


def _closing(
    records: Iterator[csv_rows.Record], close: Callable[[], None]
) -> Iterator[csv_rows.Record]:
    try:
        yield from records
    finally:
        close()
