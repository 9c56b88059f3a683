"""An XLSX workbook → records of text, row by row. Packed sizes lie, so unpacked sizes are bounded first.

Needs a file it can seek in: a stream is spooled to disk. Numbers with more digits than a spreadsheet keeps
come out as it would print them (`1.23E+18`), never as a number that looks whole.
"""

from __future__ import annotations

import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from huixue.kernel.snapshots import RowError
from huixue.platforms.exports.errors import NotAnExportError

MAX_PACKED_BYTES = 128 << 20  # half of a function's /tmp
MAX_UNPACKED_BYTES = 1 << 30  # sheets are streamed: this bounds time, not memory
MAX_PART_BYTES = 64 << 20  # shared texts, styles and the like are held in memory
MAX_PARTS = 500
MAX_SHEETS = 10
MAX_COLUMNS = 200
MAX_ROWS = 1_048_576  # the most a workbook can hold
KEPT_DIGITS = 15
SPOOL_BYTES = 8 << 20
_BATCH_ROWS = 500
_DAMAGE = (ParseError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, IndexError,
           TypeError, AttributeError, NotImplementedError, RuntimeError)  # fmt: skip
"""What openpyxl and zipfile raise on damaged or hostile parts."""

Record = tuple[int, Sequence[str] | RowError]


def spooled(block: bytes, stream: BinaryIO) -> IO[bytes]:
    """The whole stream in a file of its own, on disk where it is large; the caller closes it."""
    target = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 - handed to the caller
    target.write(block)
    while part := stream.read(1 << 20):
        target.write(part)
        if target.tell() > MAX_PACKED_BYTES:
            target.close()
            raise NotAnExportError(
                f"a workbook may have at most {MAX_PACKED_BYTES >> 20} MB: save the export as CSV"
            )
    target.seek(0)
    return target


def sheets(file: IO[bytes]) -> Iterator[Iterator[Record]]:
    """The records of each of the first sheets. Raises NotAnExportError for what is no safe workbook."""
    _refuse_bombs(file)
    from openpyxl import load_workbook  # noqa: PLC0415 - 0.2 s that CSV imports need not pay

    try:
        with _quiet():
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            found = book.worksheets[:MAX_SHEETS]
    except (*_DAMAGE, OSError) as error:
        raise NotAnExportError("expected an order export, found a damaged workbook") from error
    for sheet in found:
        if hasattr(sheet, "reset_dimensions"):
            sheet.reset_dimensions()  # writers print wrong ones
            yield _records(sheet)


def _records(sheet: Any) -> Iterator[Record]:
    rows = sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
    line_number = 0
    while True:
        batch: list[Sequence[object]] = []
        try:
            with _quiet():
                for row in islice(rows, _BATCH_ROWS):
                    batch.append(row)
            damaged = False
        except _DAMAGE:
            damaged = True
        for row in batch:
            line_number += 1
            yield line_number, [_text(cell) for cell in row]
        if damaged:
            line_number += 1
            yield line_number, RowError(line_number=line_number, column="", code="UNREADABLE")
        if damaged or len(batch) < _BATCH_ROWS:
            return


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        to_second = value + timedelta(microseconds=500_000)  # times of day are kept as fractions
        return to_second.isoformat(sep=" ", timespec="seconds")[:19]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return str(value)


def _number(value: int | float) -> str:
    """178.79999999999998 is how a sheet keeps 178.8."""
    if abs(value) >= 10**KEPT_DIGITS:
        return f"{value:.5E}"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _refuse_bombs(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise NotAnExportError(
                    "expected an order export (CSV or XLSX), found a zip archive"
                )
            _refuse_sizes(parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        _refuse_doctype(opened)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise NotAnExportError("expected an order export, found a damaged workbook") from error


def _refuse_sizes(parts: list[zipfile.ZipInfo]) -> None:
    in_memory = [part for part in parts if not part.filename.startswith("xl/worksheets/")]
    if (
        len(parts) > MAX_PARTS
        or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES
        or sum(part.file_size for part in in_memory) > MAX_PART_BYTES
    ):
        raise NotAnExportError(
            f"unpacked, the workbook has more than {MAX_UNPACKED_BYTES >> 20} MB, or more than "
            f"{MAX_PART_BYTES >> 20} MB of texts: save the export as CSV"
        )


class _RootReached(Exception):
    pass


def _refuse_doctype(part: IO[bytes]) -> None:
    """Workbooks have no document type; only XML bombs do."""

    def doctype(*_: object) -> None:
        raise NotAnExportError(
            "expected an order export, found a workbook with an XML document type"
        )

    def root(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        while block := part.read(1 << 16):
            parser.Parse(block, False)
    except _RootReached:
        return
    except expat.ExpatError as error:
        raise NotAnExportError("expected an order export, found a damaged workbook") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """openpyxl warns of styles and rules it does not keep; none of them is read here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_workbook(block: bytes) -> bool:
    return block.startswith(b"PK\x03\x04")
