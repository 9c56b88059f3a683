"""An XLSX workbook → records of text, row by row.

Needs a file it can seek in: a stream is spooled to disk. Numbers with more digits than a spreadsheet keeps
come out as it would print them (`1.23E+18`), never as a number that looks whole. Read here and not by a
library: openpyxl keeps elements it does not know in memory, and reads a quarter as fast.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import IO, BinaryIO

from huixue.kernel.snapshots import RowError
from huixue.platforms.exports.errors import NotAnExportError
from huixue.platforms.exports.xlsx_package import MAX_CELL_CHARS, Package, opened
from huixue.platforms.exports.xlsx_xml import DamagedXmlError, fed

MAX_PACKED_BYTES = 128 << 20  # a quarter of a function's /tmp
MAX_COLUMNS = 200
MAX_ROWS = 1_048_576  # the most a sheet can hold
KEPT_DIGITS = 15
SPOOL_BYTES = 8 << 20
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock; cells.py gives it its zone
DAYS_TO_1904 = 1462
_MAX_SERIAL = 2_958_465  # 9999-12-31
_UNREADABLE = (DamagedXmlError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError,
               RuntimeError, ValueError)  # fmt: skip
"""What zipfile raises on damaged, encrypted or unusually packed parts, and what the rows raise."""

Record = tuple[int, Sequence[str] | RowError]


def is_workbook(block: bytes) -> bool:
    return block.startswith(b"PK\x03\x04")


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
    try:
        archive = zipfile.ZipFile(file)
        package = opened(archive)
    except DamagedXmlError as error:
        raise NotAnExportError(
            f"expected an order export, found a workbook with {error}"
        ) from error
    except _UNREADABLE as error:
        raise NotAnExportError("expected an order export, found a damaged workbook") from error
    for name in package.sheet_parts:
        yield _records(archive, name, package)


def _records(archive: zipfile.ZipFile, name: str, package: Package) -> Iterator[Record]:
    """Rows with their numbers in the sheet; where it is damaged, what was read before and one RowError."""
    sheet = _Sheet(package)
    try:
        with archive.open(name) as part:
            for _ in fed(part, sheet):
                yield from sheet.ready
                sheet.ready.clear()
    except _UNREADABLE:
        yield from sheet.ready
        line_number = sheet.row_number + 1
        yield line_number, RowError(line_number=line_number, column="", code="UNREADABLE")


class _Sheet:
    """Hears `<row>`, `<c>`, `<v>` and `<is><t>`; complete rows wait in `ready`."""

    def __init__(self, package: Package) -> None:
        self.ready: list[tuple[int, list[str]]] = []
        self.row_number = 0
        self._package = package
        self._cells: list[str] = []
        self._position = 0
        self._next_position = 0
        self._kind = "n"
        self._style = 0
        self._collects = False
        self._collected = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name in {"v", "t"}:
            self._collects = True
        elif name == "rPh":
            self._kind = "rPh"  # reading aids come last in a cell: nothing more of it counts
        elif name == "row":
            number = int(attributes.get("r", self.row_number + 1))
            if not self.row_number < number <= MAX_ROWS:
                raise ValueError("rows out of order")
            self.row_number = number
            self._cells = []
            self._next_position = 0

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._position = _column(reference) if reference else self._next_position
        self._next_position = self._position + 1
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", 0))
        self._collected = ""

    def text(self, data: str) -> None:
        if self._collects and self._kind != "rPh" and len(self._collected) < MAX_CELL_CHARS:
            self._collected += data

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._collects = False
        elif name == "rPh":
            self._kind = "inlineStr"
        elif name == "c":
            if self._collected and self._position < MAX_COLUMNS:
                missing = self._position - len(self._cells)
                if missing < 0:
                    raise ValueError("cells out of order")
                self._cells.extend([""] * missing)
                self._cells.append(self._cell_text())
        elif name == "row":
            self.ready.append((self.row_number, self._cells))

    def _cell_text(self) -> str:
        collected = self._collected
        if self._kind == "s":
            at = int(collected)
            if not 0 <= at < len(self._package.texts):
                raise ValueError("a text that is not there")
            return self._package.texts[at]
        if self._kind != "n":
            return collected[:MAX_CELL_CHARS]
        if self._style in self._package.date_styles:
            return _date(collected, from_1904=self._package.from_1904)
        return _number(collected)


def _column(reference: str) -> int:
    """`B7` → 1. Raises ValueError for what is no cell."""
    return _column_of(reference.rstrip("0123456789"))


@lru_cache(maxsize=1024)
def _column_of(letters: str) -> int:
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise ValueError("no cell has this name")
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - 64
    return position - 1


@lru_cache(maxsize=4096)
def _number(text: str) -> str:
    """178.79999999999998 is how a sheet keeps 178.8. Raises ValueError for what is no number."""
    if text.isascii() and text.isdecimal() and len(text) <= KEPT_DIGITS:
        return text
    value = float(text)
    if not abs(value) < 10**KEPT_DIGITS:
        return f"{value:.5E}"
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _date(text: str, *, from_1904: bool) -> str:
    serial = float(text) + (DAYS_TO_1904 if from_1904 else 0)
    if not 1 <= serial <= _MAX_SERIAL:
        return text  # a time of day alone, or nothing sensible: refused where a time is wanted
    return str(DAY_ZERO + timedelta(seconds=round(serial * 86_400)))
