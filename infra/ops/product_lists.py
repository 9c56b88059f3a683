"""Product lists: CSV files of products that a season takes its slots from.

Columns, by any of their names, each once: brand, title, price in yuan, and if need be an id, the usual price, how many
were sold, a picture and an address. UTF-8 or GB18030.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from huixue.kernel.ids import normalised
from huixue.kernel.money import fen_from_yuan
from huixue.programme.reading import shown
from infra.ops.errors import OperatorError
from infra.ops.season_schema import schema
from infra.ops.text_files import text_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "brand": ("brand", "品牌", "店名"),
    "title": ("title", "标题", "商品", "商品名称"),
    "price": ("price", "价格"),
    "id": ("id", "product_id", "商品编号"),
    "list_price": ("list_price", "原价"),
    "sales": ("sales", "sale_count", "销量"),
    "image": ("image", "image_url", "图片"),
    "url": ("url", "链接"),
    "updated": ("update_time", "更新时间"),
}
"""What a column means → the names it may have, the first that is there counts."""
NEEDED = ("brand", "title", "price")
SHOWN = 20
_BRAND_CHARS, _TITLE_CHARS = 64, 120
_PLAIN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_WHOLE = re.compile(r"[0-9]{1,12}(\.0+)?")


class ProductListError(OperatorError):
    """`lines` holds one `file:line: …` for each problem."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(
            "\n".join(lines),
            next_step="Correct the list and run the command again; nothing was published.",
        )
        self.lines = lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    product_id: str
    """Small letters: the second half of the ids of its slots."""
    brand: str
    title: str
    price_fen: int
    list_price_fen: int | None = None
    sales: int = 0
    image_url: str = ""
    url: str = ""
    """Both as the list has them: `wrong_addresses` tells what cannot be shown."""
    line: int = field(default=0, compare=False)
    """Where its row ends in the file."""


def product_key(named: str, brand: str, title: str) -> str:
    """The id in small letters; where it has none, or one that cannot stand in a slot's id, eight characters of a digest
    of it, or of brand and title. The same product has the same key wherever its row stands."""
    plain = normalised(named).lower()
    if _PLAIN_ID.fullmatch(plain):
        return plain
    content = plain or f"{normalised(brand)}|{normalised(title)}"
    return base64.b32encode(hashlib.sha256(content.encode()).digest()).decode("ascii")[:8].lower()


def read_products(file: Path) -> tuple[Product, ...]:
    """The products in the order in which the file first names them; of several rows with one id the newest by the
    column `update_time` counts, else the last.

    Raises ProductListError that names the lines that are wrong; then nothing of the file is used.
    """
    reader = csv.reader(io.StringIO(text_of(file, _refused), newline=""), strict=True)
    found: dict[str, tuple[tuple[int, ...], Product]] = {}
    wrong: list[str] = []
    try:
        header = next(reader, [])
        places = _places(file, header)
        for cells in reader:
            if any(cell.strip() for cell in cells[len(header) :]):
                wrong.append(_told_of_more(reader.line_num, len(header), len(cells)))
            elif any(cell.strip() for cell in cells):
                _take(_values(cells, places), reader.line_num, found, wrong)
    except csv.Error as error:
        raise _refused(file, f"line {reader.line_num} is no CSV: {error}") from None
    if wrong:
        more = [f"{file}: … and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise ProductListError([*(f"{file}:{each}" for each in wrong[:SHOWN]), *more])
    if not found:
        raise _refused(file, "it has no rows")
    return tuple(product for _, product in found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which products of a list; every condition that is given must hold."""

    products: Sequence[str] | None = None
    brands: Sequence[str] | None = None
    words: Sequence[str] | None = None
    price_fen: tuple[int, int] | None = None
    order_by: str = "sales"
    at_most: int = 40


def selected(
    products: Sequence[Product], by: Selection, taken: frozenset[str] = frozenset()
) -> list[Product]:
    """The same for the same products in whatever order they stand, unless ordered by `list`; none of `taken`."""
    named = None if by.products is None else [product_key(each, "", "") for each in by.products]
    fit = [
        each
        for each in products
        if each.product_id not in taken
        and (named is None or each.product_id in named)
        and (by.brands is None or each.brand in by.brands)
        and (by.words is None or any(word in each.title for word in by.words))
        and (by.price_fen is None or by.price_fen[0] <= each.price_fen <= by.price_fen[1])
    ]
    if named is not None:
        fit.sort(key=lambda each: named.index(each.product_id))
    elif by.order_by == "sales":
        fit.sort(key=lambda each: (-each.sales, each.product_id))
    elif by.order_by == "price":
        fit.sort(key=lambda each: (each.price_fen, each.product_id))
    return fit[: by.at_most]


def wrong_addresses(product: Product) -> Iterator[tuple[str, str, str]]:
    """Column, what was expected and what was found, for each address that a season file could not have. Asked of
    products that are taken: a list of thousands may hold rows that nobody shows."""
    rules: Mapping[str, Mapping[str, Any]] = schema()["$defs"]
    for name, text in (("image", product.image_url), ("url", product.url)):
        rule = rules[name]
        if len(text) > rule["maxLength"]:
            yield name, rule["x-expected"], f"{len(text)} characters"
        elif text and re.search(rule["pattern"], text) is None:
            yield name, rule["x-expected"], shown(text)


def _places(file: Path, header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    places = {
        meaning: names.index(known)
        for meaning, aliases in COLUMNS.items()
        if (known := next((alias for alias in aliases if alias in names), None)) is not None
    }
    twice = [names[at] for at in places.values() if names.count(names[at]) > 1]
    if twice:
        raise _refused(file, f"its first line names the column {twice[0]} twice")
    missing = [" or ".join(COLUMNS[each]) for each in NEEDED if each not in places]
    if missing:
        raise _refused(file, f"its first line must name a column {', and one '.join(missing)}")
    return places


def _told_of_more(line: int, expected: int, found: int) -> str:
    """Read on as it stands, the rest of a title would be taken for a price."""
    return f"{line}: expected {expected} cells, found {found}; put a text with commas in quotes"


def _values(cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    return {
        meaning: " ".join(cells[at].split()) if at < len(cells) else ""
        for meaning, at in places.items()
    }


def _take(
    values: Mapping[str, str], line: int, found: dict[str, tuple[tuple[int, ...], Product]],
    wrong: list[str],
) -> None:  # fmt: skip
    problems = list(_problems(values))
    wrong += [f"{line}: {problem}" for problem in problems]
    if problems:
        return
    product = _product(values, line)
    updated = tuple(int(each) for each in re.findall(r"[0-9]{1,9}", values.get("updated", "")))
    before = found.get(product.product_id)
    if before is None or updated >= before[0]:
        found[product.product_id] = (updated, product)


def _problems(values: Mapping[str, str]) -> Iterator[str]:
    for name, longest in (("brand", _BRAND_CHARS), ("title", _TITLE_CHARS)):
        text = values[name]
        if not text or len(text) > longest or not _is_printable(text):
            yield f"{name}: expected one line of at most {longest} characters, found {text[:40]!r}"
    for name in ("price", "list_price"):
        text = values.get(name, "")
        if (text or name == "price") and not _is_amount(text):
            yield f"{name}: expected an amount in yuan such as 19.9, found {text[:40]!r}"
    sales = values.get("sales", "")
    if sales and _WHOLE.fullmatch(sales) is None:
        yield f"sales: expected a whole number, found {sales[:40]!r}"


def _is_printable(text: str) -> bool:
    """Signs that are several joined by U+200D, as many emoji are, print as one."""
    return text.replace("\u200d", "").isprintable()


def _is_amount(text: str) -> bool:
    try:
        return fen_from_yuan(text) >= 0
    except ValueError:
        return False


def _product(values: Mapping[str, str], line: int) -> Product:
    usual = values.get("list_price", "")
    return Product(
        product_id=product_key(values.get("id", ""), values["brand"], values["title"]),
        brand=values["brand"],
        title=values["title"],
        price_fen=fen_from_yuan(values["price"]),
        list_price_fen=fen_from_yuan(usual) if usual else None,
        sales=int((values.get("sales") or "0").partition(".")[0]),
        image_url=values.get("image", ""),
        url=values.get("url", ""),
        line=line,
    )


def _refused(file: Path, why: str) -> ProductListError:
    return ProductListError([f"{file} is no product list: {why}"])
