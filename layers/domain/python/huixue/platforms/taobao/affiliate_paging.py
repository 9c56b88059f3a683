"""Windows of time and the pages in them, as every interface of the affiliate platform has them.

A page is found by the place where the one before it ended (`position_index`), so rows that move while one reads
shift nothing.
Source: the pages of `taobao.tbk.order.details.get` and `taobao.tbk.order.refund.get` on open.taobao.com.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from huixue.kernel.errors import UnavailableError
from huixue.platforms.taobao.affiliate_errors import WindowTooFullError
from huixue.platforms.taobao.gateway import local_text, mapping, unreadable

MAX_WINDOW: Final = timedelta(hours=3)
PROMOTION_WINDOW: Final = timedelta(minutes=20)
"""On days of big promotions; the platform says which by refusing longer ones (WindowTooLongError)."""
LOOK_BACK: Final = timedelta(days=90)
"""A window may not start earlier, by the platform's clock: ask for a little less."""
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 100


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end) as the platform takes it."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One page as it came."""

    rows: list[object]
    position_index: str | None
    """Where to go on; None on the last page."""


Ask = Callable[[int, str], Reply]
"""A page's number and `position_index` (empty for the first)."""


def window_of(start: datetime, end: datetime) -> Window:
    """Raises ValueError (window empty or without zone). Fractions of seconds are dropped from both ends."""
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a window needs instants with a zone")
    window = Window(local_text(start), local_text(end))
    if window.start >= window.end:
        raise ValueError("a window needs at least a second between start and end")
    return window


def replies(ask: Ask, window: Window) -> Iterator[tuple[int, Reply]]:
    """Page after page, numbered from 1. Raises WindowTooFullError after the hundredth, UnavailableError where the
    place does not move on, and whatever `ask` raises."""
    position = ""
    for number in range(1, MOST_PAGES + 1):
        reply = ask(number, position)
        yield number, reply
        if reply.position_index is None:
            return
        if reply.position_index == position:
            raise UnavailableError("Taobao's paging does not move on", reason="unreadable")
        position = reply.position_index
    raise WindowTooFullError(
        "the window has more than 100 pages: ask for its halves",
        start_time=window.start,
        end_time=window.end,
    )


def reply_of(data: Mapping[str, object], *, results: str, elements: tuple[str, ...]) -> Reply:
    """The page in `data`. Raises UnavailableError for another shape.

    The list sits in a wrapper (`results`) under the name of its element; with no rows either may be missing. A
    wrapper that holds something else is no empty page: rows would be lost unseen.
    """
    has_next, position = data.get("has_next"), data.get("position_index")
    rows = _rows(data.get(results), elements)
    if not isinstance(has_next, bool) or (
        has_next and not (isinstance(position, str) and 0 < len(position) <= 512)
    ):
        raise unreadable()
    return Reply(rows, str(position) if has_next else None)


def _rows(wrapper: object, elements: tuple[str, ...]) -> list[object]:
    if wrapper is None or wrapper in ("", {}):
        return []
    found = mapping(wrapper)
    rows = next((found[name] for name in elements if name in found), None)
    if not isinstance(rows, list):
        raise unreadable()
    return rows
