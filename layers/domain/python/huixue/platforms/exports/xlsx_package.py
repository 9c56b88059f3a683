"""The parts of a workbook around its sheets: which sheets, which texts, which styles are dates.

Packed sizes lie, so unpacked sizes are bounded before anything is read.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from huixue.platforms.exports.errors import NotAnExportError
from huixue.platforms.exports.xlsx_xml import Handler, read_whole

H = TypeVar("H", bound=Handler)
MAX_UNPACKED_BYTES = 1 << 30  # sheets are streamed: this bounds time, not memory
MAX_PART_BYTES = 64 << 20  # texts and styles are held in memory
MAX_PARTS = 500
MAX_SHEETS = 10
MAX_CELL_CHARS = 32_767  # the most a cell of a workbook can hold
WORKBOOK = "xl/workbook.xml"
_BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""ECMA-376 part 1, 18.8.30: the numbers of built-in date and time formats, East Asian ones included."""
_LITERALS = re.compile(r'"[^"]*"|\[(?!h|m|s)[^\]]*\]|\\.|_.|\*.', re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    sheet_parts: tuple[str, ...]
    texts: Sequence[str]
    date_styles: frozenset[int]
    from_1904: bool
    """Serial days count from 1904, as old Macs did."""


def opened(archive: zipfile.ZipFile) -> Package:
    """Raises NotAnExportError where sizes are out of bounds or it is no workbook; DamagedXmlError."""
    parts = {part.filename: part for part in archive.infolist()}
    if WORKBOOK not in parts:
        raise NotAnExportError("expected an order export (CSV or XLSX), found a zip archive")
    _refuse_sizes(archive.infolist())
    book = _read(archive, WORKBOOK, _Book())
    targets = _read(archive, "xl/_rels/workbook.xml.rels", _Targets())
    styles = _read(archive, "xl/styles.xml", _Styles())
    texts = _read(archive, "xl/sharedStrings.xml", Texts())
    paths = (targets.by_id.get(sheet_id, "") for sheet_id in book.sheet_ids)
    return Package(
        sheet_parts=tuple(path for path in paths if path in parts)[:MAX_SHEETS],
        texts=texts.found,
        date_styles=styles.dates(),
        from_1904=book.from_1904,
    )


def _refuse_sizes(parts: Sequence[zipfile.ZipInfo]) -> None:
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


def _read(archive: zipfile.ZipFile, name: str, handler: H) -> H:
    """What is not there (a workbook without texts or styles) leaves the handler as it was."""
    if name in archive.namelist():
        with archive.open(name) as part:
            read_whole(part, handler)
    return handler


class _Quiet:
    """A handler that hears nothing; those below say what they listen to."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class _Book(_Quiet):
    def __init__(self) -> None:
        self.sheet_ids: list[str] = []
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}
        elif name == "sheet" and len(self.sheet_ids) < MAX_PARTS:
            ids = [value for key, value in attributes.items() if key.rpartition(":")[2] == "id"]
            self.sheet_ids += ids[:1]


class _Targets(_Quiet):
    """Parts by the id under which the workbook names them; chart sheets have no rows."""

    def __init__(self) -> None:
        self.by_id: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = posixpath.join("/xl", attributes.get("Target", ""))
            self.by_id[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")


class _Styles(_Quiet):
    def __init__(self) -> None:
        self._formats: dict[str, str] = {}
        self._of_cells: list[str] = []
        self._in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._of_cells.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def dates(self) -> frozenset[int]:
        return frozenset(at for at, number in enumerate(self._of_cells) if self._is_date(number))

    def _is_date(self, number: str) -> bool:
        code = self._formats.get(number)
        if code is None:
            return number.isdecimal() and int(number) in _BUILT_IN_DATES
        return re.search("[ymdhs]", _LITERALS.sub("", code), re.IGNORECASE) is not None


class Texts(_Quiet):
    """`<si>` items: the text of all their runs, without reading aids (`<rPh>`)."""

    def __init__(self, item: str = "si") -> None:
        self.found: list[str] = []
        self._item = item
        self._runs: list[str] = []
        self._in_text = self._in_aid = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - as the protocol says
        if name == self._item:
            self._runs = []
        elif name == "rPh":
            self._in_aid = True
        elif name == "t":
            self._in_text = not self._in_aid

    def text(self, data: str) -> None:
        if self._in_text:
            self._runs.append(data[:MAX_CELL_CHARS])

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_aid = False
        elif name == self._item:
            self.found.append("".join(self._runs)[:MAX_CELL_CHARS])
