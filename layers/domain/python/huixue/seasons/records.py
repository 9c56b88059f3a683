"""The stored form of seasons: canonical JSON, deflated into one bytes attribute, so that a whole month is read for
half a unit.

Lists of like things are kept by column (every title beside every title, absent values as null), which deflates to
about five sixths of what rows come to.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from huixue.dynamodb.items import Item, Key
from huixue.kernel.calendar import to_text
from huixue.seasons.model import Edition, Month, SeasonTooLargeError, Slots

MAX_PACKED_BYTES = 300_000
"""Below the 400 KB of one item, with room for its other attributes."""
MAX_TRANSACTION_BYTES = 3_900_000
"""Of what is packed: DynamoDB takes 4 MB in one transaction, names and keys included."""
_LEVEL = 9


def partition(programme_id: str) -> str:
    return f"S#{programme_id}"


def edition_key(programme_id: str, version: int | None = None) -> Key:
    """Of the version in force, or of one for ever."""
    sk = "EDITION" if version is None else f"EDITION#{version:06}"
    return partition(programme_id), sk


def month_key(programme_id: str, month: str) -> Key:
    return partition(programme_id), f"MONTH#{month}"


def slots_key(programme_id: str, stream_id: str) -> Key:
    return partition(programme_id), f"SLOTS#{stream_id}"


def edition_item(edition: Edition, key: Key) -> Item:
    published = edition.published_at
    return {
        "pk": key[0],
        "sk": key[1],
        "version": edition.version,
        "published_at": None if published is None else to_text(published),
        "packed": packed(msgspec.to_builtins(edition, order="sorted"), "home page and guides"),
    }


def edition_of(item: Item) -> Edition:
    return msgspec.convert(unpacked(item["packed"]), Edition)


def month_item(programme_id: str, month: Month) -> Item:
    pk, sk = month_key(programme_id, month.month)
    streams = columns(msgspec.to_builtins(month.streams, order="sorted"))
    return {
        "pk": pk,
        "sk": sk,
        "revision": month.revision,
        "packed": packed(streams, f"streams of {month.month}"),
    }


def month_from(item: Item) -> Month:
    data = {
        "month": item["sk"].partition("#")[2],
        "revision": item["revision"],
        "streams": rows(unpacked(item["packed"])),
    }
    return msgspec.convert(data, Month)


def slots_item(programme_id: str, slots: Slots) -> Item:
    pk, sk = slots_key(programme_id, slots.stream_id)
    return {
        "pk": pk,
        "sk": sk,
        "revision": slots.revision,
        "month": slots.month,
        "changed_at": to_text(slots.changed_at),
        "packed": packed(
            columns(msgspec.to_builtins(slots.slots, order="sorted")), f"slots of {slots.stream_id}"
        ),
    }


def transaction_items(
    programme_id: str, months: Sequence[Month], slots: Sequence[Slots]
) -> Sequence[Item]:
    """Of one transaction, months first. Raises SeasonTooLargeError where one, or all together, are too large."""
    items = [month_item(programme_id, each) for each in months]
    items += [slots_item(programme_id, each) for each in slots]
    total_bytes = sum(len(item["packed"]) for item in items)
    if total_bytes > MAX_TRANSACTION_BYTES:
        raise SeasonTooLargeError(
            f"{total_bytes} bytes would change at once where {MAX_TRANSACTION_BYTES} can",
            bytes=total_bytes,
        )
    return items


def slots_from(item: Item) -> Slots:
    data = {
        "stream_id": item["sk"].partition("#")[2],
        "month": item["month"],
        "revision": item["revision"],
        "changed_at": item["changed_at"],
        "slots": rows(unpacked(item["packed"])),
    }
    return msgspec.convert(data, Slots)


def packed(data: object, what: str = "it") -> bytes:
    """Raises SeasonTooLargeError, which names `what`."""
    small = zlib.compress(msgspec.json.encode(data, order="sorted"), _LEVEL)
    if len(small) > MAX_PACKED_BYTES:
        raise SeasonTooLargeError(
            f"{what}: {len(small)} bytes packed where {MAX_PACKED_BYTES} fit",
            bytes=len(small),
        )
    return small


def unpacked(small: bytes) -> Any:
    return msgspec.json.decode(zlib.decompress(small))


def columns(things: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """By name the values of all of them in their order, None where one has none. A value of None and an absent one
    are told apart nowhere: whatever may be None is so by default."""
    names = dict.fromkeys(name for each in things for name in each)
    by_name = {name: [each.get(name) for each in things] for name in names}
    return {"count": len(things), "of": by_name}


def rows(columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {name: values[n] for name, values in columns["of"].items() if values[n] is not None}
        for n in range(columns["count"])
    ]
