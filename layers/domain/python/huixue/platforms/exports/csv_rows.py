"""Bytes of a CSV → records, a block at a time: encoding and delimiter are decided on the first block.

Undecodable bytes become lone surrogates, so that only the row they stand in is refused. None of the
encodings can hide a comma, quote or line break inside a damaged character, so neighbours stay whole.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from huixue.kernel.snapshots import RowError
from huixue.platforms.exports.formats import ExportFormat, squeezed

BLOCK_BYTES = 1 << 16
HEADER_WITHIN_RECORDS = 10
"""Some tools put a title or blank lines above the header."""
MAX_RECORD_LINES = 100
MAX_RECORD_CHARS = 100_000  # below the csv module's own limit for one field
_DAMAGED = re.compile("[\ud800-\udfff]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "surrogateescape"),
    (codecs.BOM_UTF16_LE, "utf-16", "surrogatepass"),
    (codecs.BOM_UTF16_BE, "utf-16", "surrogatepass"),
)


class DamagedRecord(list[str]):
    """Cells of which at least one has bytes that could not be decoded."""

    def position(self) -> int:
        return next((at for at, cell in enumerate(self) if _DAMAGED.search(cell)), 0)


Record = tuple[int, Sequence[str] | RowError]
"""Physical line on which the record begins (1 is the first of the file), and its cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    encoding: str
    errors: str
    delimiter: str


class _RecordTooLongError(Exception):
    pass


def first_block(stream: BinaryIO) -> bytes:
    """Up to BLOCK_BYTES from the front; streams may give less per read than asked."""
    parts: list[bytes] = []
    missing = BLOCK_BYTES
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def sniffed(block: bytes, export_format: ExportFormat) -> Dialect | None:
    """The encoding and delimiter under which most column names are known; None where none is.

    GB18030 reads GBK and GB2312 as well. Names decide, not statistics: no other reading of the header's
    bytes gives them.
    """
    best: tuple[int, Dialect | None] = (0, None)
    for encoding, errors in _candidates(block):
        text = codecs.getincrementaldecoder(encoding)("replace").decode(block)
        for delimiter in ",\t":
            score = _known_names(text, delimiter, export_format)
            if score > best[0]:
                best = score, Dialect(encoding=encoding, errors=errors, delimiter=delimiter)
    return best[1]


def _candidates(block: bytes) -> list[tuple[str, str]]:
    for bom, encoding, errors in _BOMS:
        if block.startswith(bom):
            return [(encoding, errors)]
    return [("utf-8", "surrogateescape"), ("gb18030", "surrogateescape")]


def _known_names(text: str, delimiter: str, export_format: ExportFormat) -> int:
    known = export_format.columns.keys() | export_format.unread_columns
    lines = (line[:MAX_RECORD_CHARS] for line in text.split("\n")[:HEADER_WITHIN_RECORDS])
    return max(len({squeezed(name) for name in line.split(delimiter)} & known) for line in lines)


class _Rewindable:
    """Lines of a file that remembers those of the record being read, to go back to."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._chars = 0
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.held.append(line)
        self._chars += len(line)
        if self._chars > MAX_RECORD_CHARS or len(self.held) > MAX_RECORD_LINES:
            raise _RecordTooLongError
        return line

    def forget(self) -> int:
        """The record is done; how many lines it had."""
        count = len(self.held)
        self.held.clear()
        self._chars = 0
        return count

    def back_to_second_line(self) -> None:
        self._again.extendleft(reversed(self.held[1:]))
        self.forget()


def records(block: bytes, stream: BinaryIO, dialect: Dialect) -> Iterator[Record]:
    """Every record after `block` was read from `stream`. Memory: one block and one record.

    A record longer than the limits, or with a quote that is not closed where it should be, is one RowError;
    reading goes on at the line after the one it begins on.
    """
    blocks = chain((block,), iter(lambda: stream.read(BLOCK_BYTES), b""))
    lines = _Rewindable(_lines(blocks, dialect))
    line_number = 1
    while True:
        reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
        try:
            for cells in reader:
                damaged = any(_is_damaged(line) for line in lines.held)
                yield line_number, DamagedRecord(cells) if damaged else cells
                line_number += lines.forget()
        except (csv.Error, _RecordTooLongError):
            yield line_number, _broken(line_number, lines.held)
            line_number += 1
            lines.back_to_second_line()
        else:
            return


def _broken(line_number: int, held: list[str]) -> RowError:
    code = "QUOTE" if '"' in held[0] else "RECORD"
    if len(held[0]) > MAX_RECORD_CHARS:
        code = "RECORD_TOO_LONG"
    return RowError(line_number=line_number, column="", code=code)


def _is_damaged(line: str) -> bool:
    return not line.isascii() and _DAMAGED.search(line) is not None


def _lines(blocks: Iterator[bytes], dialect: Dialect) -> Iterator[str]:
    """Lines ended by LF (a CR before it stays), cut off just above the limit where they are longer."""
    decoder = codecs.getincrementaldecoder(dialect.encoding)(dialect.errors)
    rest = ""
    overlong = False
    for text in _decoded(blocks, decoder):
        *lines, rest_of_block = text.split("\n")
        if lines:
            if overlong:
                overlong = False
            else:
                yield rest + lines[0] + "\n"
            rest = ""
            yield from (line + "\n" for line in islice(lines, 1, None))
        if not overlong:
            rest += rest_of_block
            if len(rest) > MAX_RECORD_CHARS:
                overlong = True
                yield rest[: MAX_RECORD_CHARS + 1] + "\n"
                rest = ""
    if rest:
        yield rest


def _decoded(blocks: Iterator[bytes], decoder: codecs.IncrementalDecoder) -> Iterator[str]:
    for block in blocks:
        yield decoder.decode(block)
    try:
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError:  # UTF-16 that ends in half a character
        yield "\ud800"
