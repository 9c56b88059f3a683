"""Streams of a season file and their slots: written out, or taken from a product list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from huixue.programme.reading import Problem
from huixue.seasons.model import Slot, Stream, Target
from infra.ops import season_values as values
from infra.ops.product_lists import (
    Product,
    Selection,
    product_key,
    selected,
    wrong_addresses,
)
from infra.ops.season_file import SelectionPart, SlotPart, StreamPart
from infra.ops.yaml_files import KeyPath

_EVERY_MIN = 3
"""Minutes between slots where the file says nothing."""


@dataclass(slots=True, kw_only=True)
class StreamReader:
    """Reads stream after stream; `problems` and `origins` are for whoever tells what is wrong."""

    season_id: str
    zone: ZoneInfo
    lists: Mapping[str, Sequence[Product]]
    """Those that could be read."""
    named_lists: Mapping[str, str]
    """Name → file of every list."""
    problems: list[Problem] = field(default_factory=list)
    origins: dict[KeyPath, KeyPath] = field(default_factory=dict)
    """Place in the draft → place in the file, where the two differ."""
    rows: dict[KeyPath, str] = field(default_factory=dict)
    """Slot in the draft → file, line and title of the product that it was made of."""

    def stream(self, at: int, data: Mapping[str, Any]) -> tuple[Stream, tuple[Slot, ...]]:
        """`data`: the stream with the season's defaults."""
        part = msgspec.convert(data, StreamPart)
        starts_at = values.instant(part.starts_at, self.zone)
        if not values.is_shown(part.starts_at, self.zone):
            self._wrong(
                ("streams", at, "starts_at"),
                values.SHOWN.format(self.zone.key),
                repr(part.starts_at),
            )
        stream = Stream(
            stream_id=part.stream_id, season_id=self.season_id, title=part.title, theme=part.theme,
            color=part.color, hosts=part.hosts, platform=part.platform, room_id=part.room,
            planned_starts_at=starts_at, starts_at=starts_at, lasts_min=part.lasts_min,
            target=values.target(part.target), changed_at=starts_at,
        )  # fmt: skip
        return stream, tuple(self._slots(at, part))

    def _slots(self, at: int, part: StreamPart) -> list[Slot]:
        slots: list[Slot] = []
        next_min = 0
        for index, data in enumerate(part.slots):
            if "from" in data:
                found, next_min = self._selected(
                    ("streams", at, "slots", index), msgspec.convert(data, SelectionPart),
                    part.stream_id, slots, next_min,
                )  # fmt: skip
            else:
                slot = _slot(part.stream_id, msgspec.convert(data, SlotPart), next_min)
                found, next_min = [slot], slot.offset_min + _EVERY_MIN
            for number in range(len(slots), len(slots) + len(found)):
                self.origins["streams", at, "slots", number] = ("streams", at, "slots", index)
            slots += found
        return slots

    def _selected(
        self, path: KeyPath, part: SelectionPart, stream_id: str, before: Sequence[Slot], next_min: int,
    ) -> tuple[list[Slot], int]:  # fmt: skip
        if part.list_name not in self.named_lists:
            known = ", ".join(self.named_lists) or "none so far"
            self._wrong(
                (*path, "from"), f"one of the product lists ({known})", repr(part.list_name)
            )
            return [], next_min
        if part.list_name not in self.lists:  # it could not be read: said once is enough
            return [], next_min
        taken = frozenset(slot.slot_id.partition(".")[2] for slot in before)
        products = selected(self.lists[part.list_name], _selection(part), taken)
        if not products:
            self._wrong(path, f"a selection that finds products of {part.list_name}", "none")
        if part.products is not None and not taken:
            self._all_there(path, part.products, products)
        first_min = next_min if part.at_min is None else part.at_min
        for number, each in enumerate(products, start=len(before)):
            row = f"{self.named_lists[part.list_name]}:{each.line}, {each.title}"
            self.rows[*path[:3], number] = row
        products = [
            self._addressed(path, each, self.rows[*path[:3], number])
            for number, each in enumerate(products, start=len(before))
        ]
        found = [
            _slot_of(each, stream_id, first_min + number * part.every_min)
            for number, each in enumerate(products)
        ]
        return found, first_min + len(found) * part.every_min

    def _addressed(self, path: KeyPath, product: Product, row: str) -> Product:
        """Without addresses that are wrong: said once is enough."""
        wrong = set()
        for name, expected, found in wrong_addresses(product):
            self._wrong((*path, name), expected, f"{found} ({row})")
            wrong.add(name)
        return replace(
            product,
            image_url="" if "image" in wrong else product.image_url,
            url="" if "url" in wrong else product.url,
        )

    def _all_there(
        self, path: KeyPath, named: Sequence[str | int], found: Sequence[Product]
    ) -> None:
        there = {each.product_id for each in found}
        for index, name in enumerate(named):
            if product_key(str(name), "", "") not in there:
                expected = "a product of the list that fits the other conditions"
                self._wrong((*path, "products", index), expected, repr(name))

    def _wrong(self, path: KeyPath, expected: str, found: str) -> None:
        self.problems.append(Problem(path=path, expected=expected, found=found))


def _selection(part: SelectionPart) -> Selection:
    low_high = part.price_yuan
    return Selection(
        products=None if part.products is None else [str(each) for each in part.products],
        brands=part.brands,
        words=part.words,
        price_fen=None if low_high is None else (values.fen(low_high[0]), values.fen(low_high[1])),
        order_by=part.order_by,
        at_most=part.at_most,
    )


def _slot(stream_id: str, part: SlotPart, next_min: int) -> Slot:
    named = "" if part.product is None else str(part.product)
    return Slot(
        slot_id=f"{stream_id}.{product_key(named, part.brand, part.title)}",
        brand=part.brand, title=part.title, price_fen=values.fen(part.price_yuan),
        list_price_fen=values.optional_fen(part.list_price_yuan),
        offset_min=next_min if part.at_min is None else part.at_min,
        target=values.target(part.target), image_url=part.image_url,
    )  # fmt: skip


def _slot_of(product: Product, stream_id: str, offset_min: int) -> Slot:
    return Slot(
        slot_id=f"{stream_id}.{product.product_id}", brand=product.brand, title=product.title,
        price_fen=product.price_fen, list_price_fen=product.list_price_fen, offset_min=offset_min,
        target=Target(kind="web", url=product.url) if product.url else None,
        image_url=product.image_url,
    )  # fmt: skip
