"""What a member reads of points that wait, were capped, clawed back in part, given up, or moved by a split."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from huixue.kernel.events import LinePosting
from huixue.kernel.ids import OrderRef
from huixue.orders.model import Line, Reason
from huixue.orders.worth import points_of
from tests.unit.orders.test_views import PAID_AT, held, hers, seen
from tests.unit.orders.world import TERMS, an_order, line, ownership, pooled, row


@pytest.mark.parametrize(
    ("of", "posting", "status", "points", "reason"),
    [
        # a cap kept back a part, and nothing was taken back since
        (line("confirmed"), held(100, peak=100, capped=78), "credited", 100, None),
        # the refund is less than what the cap had kept back
        (line("confirmed", 17880, 2800), held(100, peak=100, capped=50), "credited", 100, None),
        # it is more
        (line("confirmed", 17880, 8000), held(98, peak=100), "partially_clawed_back", 98, None),
        # a refund was called off, and by then the cap left less
        (line("confirmed"), held(148, peak=178, capped=30), "credited", 148, None),
        # refunds went on after that, not settled yet
        (line("confirmed", 17880, 8000), held(148, peak=178, capped=30), "partially_clawed_back", 148, None),
        (line("closed"), held(0, peak=100), "clawed_back", 0, None),
        # all of it was kept back
        (line("confirmed"), held(capped=178), "rejected", 0, "RATE_CAPPED"),
        # and refunded afterwards: the refund is the reason
        (line("closed"), held(capped=178), "rejected", 0, "REFUNDED"),
        # nothing of it could be taken back, and that was given up
        (line("closed"), held(178, peak=178, written_off=178), "credited", 178, None),
        # a part of it could
        (line("closed"), held(100, peak=178, written_off=100), "partially_clawed_back", 100, None),
        (line("confirmed", trade_type="sample"), held(), "rejected", 0, "EXCLUDED_TYPE"),
        (line("paid", trade_type="draw"), held(), "rejected", 0, "EXCLUDED_TYPE"),
    ],
)  # fmt: skip
def test_caps_write_offs_and_excluded_types_read_as_what_they_did(
    of: Line, posting: LinePosting, status: str, points: int, reason: Reason | None
) -> None:
    (shown,) = seen(hers(of), posting).lines

    assert (shown.status, shown.points, shown.reason) == (status, points, reason)


def test_what_a_cap_kept_back_is_explained_and_recomputes() -> None:
    (shown,) = seen(hers(line()), held(100, peak=100, capped=78)).lines

    assert shown.explanation is not None
    assert shown.explanation["capped_points"] == 78
    assert points_of(shown.explanation) == shown.points == 100


def test_a_pending_line_shows_the_day_of_its_release_once_it_is_known() -> None:
    terms = replace(TERMS, release_after_days=7)
    confirmed = line("confirmed", confirmed_at=PAID_AT)
    order = replace(an_order(confirmed, line("paid")), ownership=ownership(terms=terms))

    waiting = seen(order, held(pending=178), held(pending=178))
    credited = seen(order, held(178, peak=178), held(pending=178))
    at_once = seen(hers(confirmed))

    assert [each.release_on for each in waiting.lines] == [date(2026, 11, 16), None]
    assert [each.release_on for each in credited.lines] == [None, None]
    assert [each.release_on for each in at_once.lines] == [None]


def test_a_line_whose_amounts_another_one_carries_is_shown_only_while_it_holds_points() -> None:
    order = pooled([
        row(line("closed", 30000), key="a"),
        row(line("confirmed", 30000), key="new", part=OrderRef("taobao:k1:part")),
    ])  # fmt: skip
    order = replace(order, ownership=ownership())

    assert [each.points for each in seen(order).lines] == [300]
    assert [each.points for each in seen(order, held(), held(300, peak=300)).lines] == [300, 300]
