"""Memory does not grow with the file: 300 MB are read through a few megabytes."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from huixue.kernel.snapshots import RowError
from huixue.platforms.exports.reading import read_export
from tests.unit.platforms.exports.making_exports import AS_OF, REPORT_ROW, csv_bytes

FILE_BYTES = 300_000_000
BOUND_BYTES = 12_000_000
HEADER, ROW, _ = csv_bytes([{**REPORT_ROW, "收货地址 ": "x" * 60_000}]).split(b"\r\n")


class Endless(io.RawIOBase):
    """A header, then the same bytes again and again up to FILE_BYTES."""

    def __init__(self, repeated: bytes) -> None:
        self._repeated = repeated
        self._ready = HEADER + b"\r\n"
        self.left = FILE_BYTES

    def read(self, size: int = -1, /) -> bytes:
        assert 0 < size < 1 << 20, "never asked for more than a block"
        if not self._ready and self.left > 0:
            self._ready = self._repeated
        block, self._ready = self._ready[:size], self._ready[size:]
        self.left -= len(block)
        return block


@pytest.mark.parametrize(
    ("repeated", "some_rows_are_read"),
    [(ROW + b"\r\n", True), (b"x" * 65_000, False), (b'"' + b"x" * 65_000, False), (b"\xff" * 65_000, False)],
    ids=["rows", "one endless line", "quotes", "no characters"],
)  # fmt: skip
def test_three_hundred_megabytes_are_never_in_memory(
    repeated: bytes, some_rows_are_read: bool
) -> None:
    stream = Endless(repeated)
    tracemalloc.start()
    try:
        reading = read_export(stream, filename="big.csv", platform="taobao", as_of=AS_OF)  # type: ignore[arg-type]  # reads like a BinaryIO
        sound = sum(not isinstance(row, RowError) for _, row in reading.rows)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert stream.left <= 0, "the file was read to its end"
    assert peak_bytes < BOUND_BYTES
    assert (sound > 4_900) == some_rows_are_read
