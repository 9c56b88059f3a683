"""A season as a file says it, and what must hold across its parts before anybody sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from huixue.seasons.model import (
    MAX_SLOTS,
    Block,
    Edition,
    Guide,
    MemberDay,
    Slot,
    Stream,
    Target,
    is_id,
    is_slot_id,
    stream_of_slot,
)

Path = tuple[str | int, ...]
"""`("streams", 3, "slots", 0, "price_fen")`: keys and positions in the draft."""
MAX_STREAMS = 400
MAX_BLOCKS = 200
MAX_GUIDES = 200
MAX_GUIDE_ROWS = 300
MAX_LASTS_MIN = 24 * 60
MAX_TEXT = 512
MAX_PRICE_FEN = 999_999_999
"""What the schema of season files allows as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Where targets may lead beyond our own pages: other mini-programs, and hosts of addresses (`.example.com` with
    a dot in front: that host's sub-domains too)."""

    app_ids: frozenset[str] = field(default_factory=frozenset)
    hosts: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonDraft:
    """`edition`: content only; version, months, published_at and revisions are the publication's. Of each stream
    only what a file can say counts: its `starts_at` is the planned one."""

    season_id: str
    programme_id: str
    title: str
    zone: str
    edition: Edition
    streams: tuple[tuple[Stream, tuple[Slot, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftProblem:
    path: Path
    expected: str
    found: str


def problems_of(draft: SeasonDraft, allowed: Allowed = Allowed()) -> list[DraftProblem]:
    """Everything that is wrong across the draft's parts, in the order of the draft; empty: it may be published."""
    return list(_problems(draft, allowed))


def _problems(draft: SeasonDraft, allowed: Allowed) -> Iterator[DraftProblem]:
    for name in ("programme_id", "season_id"):
        yield from _id((name,), getattr(draft, name))
    edition = draft.edition
    yield from _count(("streams",), draft.streams, MAX_STREAMS)
    yield from _count(("blocks",), edition.blocks, MAX_BLOCKS)
    yield from _count(("guides",), edition.guides, MAX_GUIDES)
    yield from _different("streams", "stream_id", [each.stream_id for each, _ in draft.streams])
    yield from _different("blocks", "block_id", [each.block_id for each in edition.blocks])
    yield from _different("guides", "guide_id", [each.guide_id for each in edition.guides])
    for n, (stream, slots) in enumerate(draft.streams):
        yield from _stream(("streams", n), stream, slots, allowed)
    for n, block in enumerate(edition.blocks):
        yield from _block(("blocks", n), block, allowed)
    there = {slot.slot_id for _, slots in draft.streams for slot in slots}
    for n, guide in enumerate(edition.guides):
        yield from _guide(("guides", n), guide, there)
    for n, day in enumerate(edition.member_days):
        yield from _member_day(("member_days", n), day)


def _stream(
    path: Path, stream: Stream, slots: Sequence[Slot], allowed: Allowed
) -> Iterator[DraftProblem]:
    yield from _id((*path, "stream_id"), stream.stream_id)
    yield from _text((*path, "title"), stream.title)
    yield from _range((*path, "lasts_min"), stream.lasts_min, 1, MAX_LASTS_MIN)
    if stream.target is not None:
        yield from _target((*path, "target"), stream.target, allowed)
    yield from _count((*path, "slots"), slots, MAX_SLOTS)
    ids = Counter(slot.slot_id for slot in slots)
    for n, slot in enumerate(slots):
        at = (*path, "slots", n)
        if not is_slot_id(slot.slot_id) or stream_of_slot(slot.slot_id) != stream.stream_id:
            expected = (
                f"an id that begins with {stream.stream_id}. and goes on with that of the product"
            )
            yield DraftProblem(path=(*at, "slot_id"), expected=expected, found=slot.slot_id)
        if ids[slot.slot_id] > 1:
            yield _twice((*at, "slot_id"), slot.slot_id)
        yield from _slot(at, stream, slot, allowed)


def _slot(path: Path, stream: Stream, slot: Slot, allowed: Allowed) -> Iterator[DraftProblem]:
    yield from _text((*path, "title"), slot.title)
    yield from _price((*path, "price_fen"), slot.price_fen)
    if slot.list_price_fen is not None:
        yield from _price((*path, "list_price_fen"), slot.list_price_fen, slot.price_fen)
    yield from _range((*path, "offset_min"), slot.offset_min, 0, max(0, stream.lasts_min - 1))
    yield from _image((*path, "image_url"), slot.image_url)
    if slot.target is not None:
        yield from _target((*path, "target"), slot.target, allowed)


def _block(path: Path, block: Block, allowed: Allowed) -> Iterator[DraftProblem]:
    yield from _id((*path, "block_id"), block.block_id)
    yield from _text((*path, "title"), block.title)
    yield from _window(path, block)
    yield from _image((*path, "image_url"), block.image_url)
    if block.target is not None:
        yield from _target((*path, "target"), block.target, allowed)
    for n, good in enumerate(block.goods):
        at = (*path, "goods", n)
        yield from _text((*at, "title"), good.title)
        if good.price_fen is not None:
            yield from _price((*at, "price_fen"), good.price_fen)
        yield from _image((*at, "image_url"), good.image_url)
        if good.target is not None:
            yield from _target((*at, "target"), good.target, allowed)
    if block.kind == "market":
        for name in ("partner", "disclaimer"):
            if not getattr(block, name).strip():
                yield DraftProblem(
                    path=(*path, name), found="nothing",
                    expected="of a market: who sells, and who answers for order and delivery",
                )  # fmt: skip


def _guide(path: Path, guide: Guide, there: set[str]) -> Iterator[DraftProblem]:
    yield from _id((*path, "guide_id"), guide.guide_id)
    yield from _text((*path, "title"), guide.title)
    yield from _window(path, guide)
    yield from _count((*path, "rows"), guide.rows, MAX_GUIDE_ROWS)
    named = Counter(row.slot_id for row in guide.rows)
    for n, row in enumerate(guide.rows):
        at = (*path, "rows", n, "slot_id")
        if row.slot_id not in there:
            yield DraftProblem(
                path=at, expected="a slot of a stream in this file", found=row.slot_id
            )
        elif named[row.slot_id] > 1:
            yield _twice(at, row.slot_id)


def _member_day(path: Path, day: MemberDay) -> Iterator[DraftProblem]:
    yield from _text((*path, "title"), day.title)
    if (day.on is None) == (day.weekday == 0) or not 0 <= day.weekday <= 7:
        yield DraftProblem(
            path=path,
            expected="either a weekday from 1 (Monday) to 7 or one date",
            found=f"weekday {day.weekday}, date {day.on or 'none'}",
        )


def _target(path: Path, target: Target, allowed: Allowed) -> Iterator[DraftProblem]:
    """CT-M2: only pages of our own, and what the programme allows."""
    if target.kind in {"page", "mini_program"}:
        if not target.path.lstrip("/").startswith("pages/") or len(target.path) > MAX_TEXT:
            expected = "a page's path such as pages/guide/index?guide_id=…"
            yield DraftProblem(path=(*path, "path"), expected=expected, found=target.path)
        if target.kind == "mini_program" and target.app_id not in allowed.app_ids:
            expected = f"one of the app ids allowed here ({_listed(allowed.app_ids)})"
            yield DraftProblem(path=(*path, "app_id"), expected=expected, found=target.app_id)
    elif target.kind in {"article", "web"}:
        if not _host_allowed(target.url, allowed.hosts):
            expected = (
                f"an https address on one of the hosts allowed here ({_listed(allowed.hosts)})"
            )
            yield DraftProblem(path=(*path, "url"), expected=expected, found=target.url)
    elif not target.text.strip() or len(target.text) > MAX_TEXT:
        expected = (
            "the channel's id" if target.kind == "channels" else "the code as Taobao gives it"
        )
        yield DraftProblem(path=(*path, "text"), expected=expected, found=target.text or "nothing")


def _host_allowed(url: str, hosts: frozenset[str]) -> bool:
    """Exactly as a browser would read it: https, a plain host, no user, no other port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or "\\" in url or port not in {None, 443}:
        return False
    return host in hosts or any(
        each.startswith(".") and (host.endswith(each) or host == each[1:]) for each in hosts
    )


def _window(path: Path, thing: Block | Guide) -> Iterator[DraftProblem]:
    starts_at, ends_at = thing.starts_at, thing.ends_at
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        yield DraftProblem(
            path=(*path, "ends_at"),
            expected=f"an instant after its start, {starts_at.isoformat()}",
            found=ends_at.isoformat(),
        )


def _different(kind: str, name: str, ids: Sequence[str]) -> Iterator[DraftProblem]:
    seen: set[str] = set()
    for n, each in enumerate(ids):
        if each in seen:
            yield _twice((kind, n, name), each)
        seen.add(each)


def _twice(path: Path, found: str) -> DraftProblem:
    return DraftProblem(path=path, expected="each id only once", found=found)


def _id(path: Path, found: str) -> Iterator[DraftProblem]:
    if not is_id(found):
        expected = "an id of 1 to 48 small letters, digits and hyphens"
        yield DraftProblem(path=path, expected=expected, found=found or "nothing")


def _text(path: Path, found: str) -> Iterator[DraftProblem]:
    if not found.strip() or len(found) > MAX_TEXT:
        yield DraftProblem(
            path=path,
            expected=f"1 to {MAX_TEXT} characters",
            found=f"{len(found)} characters" if found.strip() else "nothing",
        )


def _image(path: Path, found: str) -> Iterator[DraftProblem]:
    if found and (not found.startswith("https://") or len(found) > MAX_TEXT):
        yield DraftProblem(path=path, expected="an https address", found=found)


def _range(path: Path, found: int, low: int, high: int) -> Iterator[DraftProblem]:
    if not low <= found <= high:
        yield DraftProblem(path=path, expected=f"{low} to {high}", found=str(found))


def _price(path: Path, found_fen: int, low_fen: int = 0) -> Iterator[DraftProblem]:
    """Told in yuan, as people write prices."""
    if not low_fen <= found_fen <= MAX_PRICE_FEN:
        expected = f"{_yuan(low_fen)} to {_yuan(MAX_PRICE_FEN)} yuan"
        yield DraftProblem(path=path, expected=expected, found=_yuan(found_fen))


def _yuan(amount_fen: int) -> str:
    sign, (whole, rest) = "-" * (amount_fen < 0), divmod(abs(amount_fen), 100)
    return f"{sign}{whole}.{rest:02}" if rest else f"{sign}{whole}"


def _count(path: Path, things: Sequence[object], most: int) -> Iterator[DraftProblem]:
    if len(things) > most:
        yield DraftProblem(path=path, expected=f"at most {most}", found=str(len(things)))


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none so far"
