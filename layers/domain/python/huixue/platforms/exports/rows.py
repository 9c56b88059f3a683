"""A header and its rows → order snapshots. The rules of paid, refunded and closed live here, once.

`paid_fen` is gross: exports print what is left after refunds, so the refund is added back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from huixue.kernel.snapshots import LineState, OrderSnapshot, RowError, TradeType
from huixue.platforms.exports import cells as read
from huixue.platforms.exports.csv_rows import DamagedRecord
from huixue.platforms.exports.errors import CellError
from huixue.platforms.exports.formats import ExportFormat, ExportKind, Field, squeezed
from huixue.platforms.titles import pays_a_difference

MAX_PRINTED_STATE_CHARS = 40
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the fields of one file stand. `at[field]` is past the last cell for a missing column."""

    export_format: ExportFormat
    kind: ExportKind
    width: int
    at: dict[Field, int]
    printed: dict[Field, str]

    def has(self, wanted: Field) -> bool:
        return wanted in self.printed


class RowReader:
    """Turns the rows of one file into snapshots; as a class only to look up positions once per file."""

    def __init__(self, layout: Layout, *, as_of: datetime, exact_width: bool) -> None:
        self._layout = layout
        self._as_of = as_of
        self._exact_width = exact_width
        self._form = layout.export_format.number_forms[layout.kind]
        self._order_number_at = layout.at["order_number"]

    def snapshots(
        self, records: Iterator[tuple[int, Sequence[str] | RowError]]
    ) -> Iterator[tuple[int, OrderSnapshot | RowError]]:
        """Blank rows are left out, every other record gives exactly one pair."""
        width = self._layout.width
        for line_number, record in records:
            if isinstance(record, RowError):
                yield line_number, record
                continue
            if not any(record):
                continue
            try:
                whole = type(record) is list and len(record) == width
                row = record if whole else self._fitted(record)
                yield line_number, self._snapshot(row)
            except CellError as error:
                yield (
                    line_number,
                    RowError(line_number=line_number, column=error.column, code=error.code),
                )

    def _printed_at(self, position: int) -> str:
        """The printed name of a column that is read; other columns have none here."""
        at = self._layout.at
        return next(
            (self._layout.printed[f] for f in self._layout.printed if at[f] == position), ""
        )

    def _fitted(self, record: Sequence[str]) -> Sequence[str]:
        """Spreadsheets leave out blank cells at the end; in CSV a missing cell means a moved one."""
        if isinstance(record, DamagedRecord):
            raise CellError(self._printed_at(record.position()), "DECODE")
        width = self._layout.width
        if any(cell.strip() for cell in record[width:]) or (
            self._exact_width and len(record) < width
        ):
            raise CellError("", "COLUMN_COUNT")
        return [*record[:width], *([""] * (width - len(record)))]

    def _snapshot(self, row: Sequence[str]) -> OrderSnapshot:
        layout = self._layout
        number = self._order_number(row[self._order_number_at], "order_number")
        paid_at = self._value(row, "paid_at", read.instant, "TIME")
        state, printed_state = self._state(row, paid_at)
        paid_fen, refunded_fen = self._amounts(row, state, paid_at)
        title = self._value(row, "title", read.title, "TITLE")
        return OrderSnapshot(
            platform=layout.export_format.platform,
            source="export",
            order_number=number,
            as_of=self._as_of,
            state=state,
            printed_state=printed_state,
            paid_fen=paid_fen,
            freight_fen=self._value(row, "freight", read.amount_fen, "AMOUNT"),
            refunded_fen=refunded_fen,
            account=self._value(row, "account", read.account, "ACCOUNT"),
            created_at=self._value(row, "created_at", read.instant, "TIME"),
            paid_at=None if state == "unpaid" else paid_at,
            confirmed_at=self._value(row, "confirmed_at", read.instant, "TIME"),
            title=title,
            quantity=self._value(row, "quantity", read.quantity, "QUANTITY"),
            trade_type=self._stated_type(row)
            or self._seen_type(row, state, paid_fen, refunded_fen, title),
            split_from=self._split_from(row, number),
        )

    def _value(
        self, row: Sequence[str], wanted: Field, reader: Callable[[str], Value | None], code: str
    ) -> Value | None:
        position = self._layout.at[wanted]
        if position < 0 or not row[position]:
            return None
        try:
            return reader(row[position])
        except ValueError as error:
            raise CellError(self._layout.printed[wanted], code) from error

    def _order_number(self, text: str, wanted: Field) -> str:
        column = self._layout.printed[wanted]
        try:
            return read.order_number(text, self._form)
        except read.RoundedNumberError as error:
            raise CellError(column, "ORDER_NUMBER_ROUNDED") from error
        except ValueError as error:
            raise CellError(column, "ORDER_NUMBER") from error

    def _split_from(self, row: Sequence[str], number: str) -> str | None:
        """The order this one was split from; an order that names itself was not split."""
        position = self._layout.at["split_from"]
        if position < 0 or read.undressed(row[position]) in read.BLANKS:
            return None
        original = self._order_number(row[position], "split_from")
        return None if original == number else original

    def _stated_type(self, row: Sequence[str]) -> TradeType | None:
        position = self._layout.at["trade_type"]
        if position < 0 or read.undressed(row[position]) in read.BLANKS:
            return None
        stated = self._layout.export_format.trade_types.get(squeezed(row[position]))
        if stated is None:
            raise CellError(self._layout.printed["trade_type"], "TRADE_TYPE")
        return stated

    def _seen_type(
        self,
        row: Sequence[str],
        state: LineState,
        paid_fen: int | None,
        refunded_fen: int | None,
        title: str | None,
    ) -> TradeType | None:
        """What the row shows by itself. Nothing paid is a trade for zero yuan only where no refund can have taken
        it all: where the file prints that nothing was refunded."""
        if state not in ("paid", "shipped", "confirmed"):
            return None
        if paid_fen == 0 and refunded_fen == 0:
            return "zero_yuan"
        position = self._layout.at["shipping"]
        no_parcel = self._layout.export_format.virtual_shipping
        if position >= 0 and squeezed(row[position]) in no_parcel:
            return "virtual"
        return "virtual" if title and pays_a_difference(title) else None

    def _state(self, row: Sequence[str], paid_at: datetime | None) -> tuple[LineState, str | None]:
        if self._layout.kind == "order_report":
            return ("unpaid" if paid_at is None else "confirmed"), None
        printed = row[self._layout.at["state"]]
        state = self._layout.export_format.states.get(squeezed(printed))
        if state is None:
            return "unknown", printed.strip()[:MAX_PRINTED_STATE_CHARS]
        return state, None

    def _amounts(
        self, row: Sequence[str], state: LineState, paid_at: datetime | None
    ) -> tuple[int | None, int | None]:
        net_fen = self._value(row, "printed_paid", read.amount_fen, "AMOUNT")
        refunded_fen = self._value(row, "refunded", read.amount_fen, "AMOUNT")
        if state == "unpaid":
            return 0, None if refunded_fen is None else 0
        paid_fen = None if net_fen is None else net_fen + (refunded_fen or 0)
        if state == "closed":
            return self._closed(paid_fen, refunded_fen, paid_at)
        return paid_fen, refunded_fen

    def _closed(
        self, paid_fen: int | None, refunded_fen: int | None, paid_at: datetime | None
    ) -> tuple[int | None, int | None]:
        """A closed order with money or a payment time was paid and is refunded whole, else never paid."""
        if paid_fen:
            return paid_fen, paid_fen
        if paid_at is None:
            never_paid = paid_fen == 0 or self._layout.has("paid_at")
            return (0, refunded_fen) if never_paid else (None, None)
        # Nothing is left of it, and what had been paid is printed nowhere where the refund is missing.
        return (None, None) if refunded_fen is None else (paid_fen, paid_fen)


def layout_of(names: Sequence[str], export_format: ExportFormat) -> Layout | None:
    """The layout a header gives, or None where it is no header of such an export.

    Raises CellError with code COLUMN_TWICE where a column that is read stands there twice.
    """
    at: dict[Field, int] = dict.fromkeys(export_format.columns.values(), -1)
    printed: dict[Field, str] = {}
    for position, name in enumerate(names):
        wanted = export_format.columns.get(squeezed(name))
        if wanted is None:
            continue
        if wanted in printed:
            raise CellError(squeezed(name), "COLUMN_TWICE")
        at[wanted], printed[wanted] = position, squeezed(name)
    for kind, needed in export_format.recognised_by.items():
        if needed <= printed.keys():
            return Layout(
                export_format=export_format, kind=kind, width=len(names), at=at, printed=printed
            )
    return None
