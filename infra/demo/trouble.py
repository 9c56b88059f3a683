"""An export with broken rows among sound ones, and what an import must say of each of them."""

from __future__ import annotations

from dataclasses import dataclass

from infra.demo.seller_export import HEADER, Row, csv_text

TIME = "订单付款时间 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`column` is the name without blanks, empty where the whole row is meant."""

    line_number: int
    column: str
    code: str


CHANGES: tuple[tuple[str, str, str], ...] = (
    ("订单编号", "4.14068E+18", "ORDER_NUMBER_ROUNDED"),
    ("订单编号", "合计", "ORDER_NUMBER"),
    ("订单编号", "", "ORDER_NUMBER"),
    ("买家实际支付金额", "12.345", "AMOUNT"),
    ("买家实际支付金额", "-1.00", "AMOUNT"),
    ("退款金额", "免", "AMOUNT"),
    (TIME, "2026-02-30 10:00:00", "TIME"),
    (TIME, "昨天", "TIME"),
    ("宝贝总数量", "两", "QUANTITY"),
)
"""Column, what is printed there, the code."""


def with_trouble(printed: list[Row]) -> tuple[bytes, list[Trouble]]:
    """The rows in GBK with one broken row before each of the first ones, and the errors in their order.

    Further: a row that is cut short, a byte that is no character, a quote that is never closed.
    """
    sound = list(csv_text(iter(printed)))
    out: list[bytes] = [sound[0].encode("gbk")]
    expected: list[Trouble] = []

    def add(line: bytes, *, column: str = "", code: str = "") -> None:
        if code:
            line_number = b"".join(out).count(b"\n") + 1
            expected.append(Trouble(line_number=line_number, column=column, code=code))
        out.append(line)

    model = {name: text.replace("\n", " ") for name, text in printed[0].items()}
    for (column, text, code), line in zip(CHANGES, sound[1:], strict=False):
        broken = list(csv_text(iter([model | {column: text}])))[1]
        add(broken.encode("gbk"), column=column.strip(), code=code)
        add(line.encode("gbk"))
    plain = list(csv_text(iter([model])))[1].encode("gbk")
    add(plain.rsplit(b",", 3)[0] + b"\r\n", code="COLUMN_COUNT")
    damaged = model["买家会员名"].encode("gbk")
    add(plain.replace(damaged, b"\xff" + damaged, 1), column="买家会员名", code="DECODE")
    unclosed = HEADER.index("买家留言")
    cells = [text.encode("gbk") for text in (model | {"买家留言": ""}).values()]
    add(b",".join([*cells[:unclosed], b'"open', *cells[unclosed + 1 :]]) + b"\r\n", code="QUOTE")
    for line in sound[len(CHANGES) + 1 :]:
        add(line.encode("gbk"))
    return b"".join(out), expected
