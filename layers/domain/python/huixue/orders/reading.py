"""Reading claims: one, or a page of them, as the member sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from huixue.kernel.errors import CursorInvalidError, NotFoundError
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId
from huixue.orders.aliases import followed
from huixue.orders.amounts import facts_of
from huixue.orders.claims import ClaimDesk, is_hers
from huixue.orders.model import Claim, Order
from huixue.orders.ports import Postings
from huixue.orders.views import ClaimView, view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPage:
    claims: list[ClaimView]
    next_claim_id: str | None


def read_claim(
    member_id: MemberId, claim_id: str, *, desk: ClaimDesk, postings: Postings
) -> ClaimView:
    """One claim of hers. Raises NotFoundError for what is not there and for somebody else's."""
    hers = desk.lineage(member_id)
    found = desk.book.claims([(each, claim_id) for each in hers])
    if not found:
        raise NotFoundError("no such claim of hers")
    return _views(found[:1], hers, desk, postings)[0]


def as_taken(claim: Claim, *, desk: ClaimDesk) -> ClaimView:
    """A claim that was taken this moment: waiting, whatever the pool holds. No reads."""
    window_days = desk.rules.window_days(claim.programme_id, claim.platform)
    return view_of(claim, None, {}, hers=(), window_days=window_days, now=claim.claimed_at)


def list_claims(
    member_id: MemberId, *, limit: int, after: str | None, desk: ClaimDesk, postings: Postings
) -> ClaimPage:
    """Her claims, newest first; `after` is the claim a previous page ended with. Raises CursorInvalidError for a
    claim she does not have: claims never go away, and starting over would never end."""
    hers = desk.lineage(member_id)
    claims = list(chain.from_iterable(desk.book.claims_of(each) for each in hers))
    claims.sort(key=lambda claim: (claim.claimed_at, claim.claim_id), reverse=True)
    ids: list[str] = [claim.claim_id for claim in claims]
    if after is not None and after not in ids:
        raise CursorInvalidError("she has no such claim")
    start = ids.index(after) + 1 if after is not None else 0
    page = claims[start : start + limit]
    more = start + limit < len(claims)
    views = _views(page, hers, desk, postings)
    return ClaimPage(claims=views, next_claim_id=page[-1].claim_id if more else None)


def _views(
    claims: Sequence[Claim], hers: Sequence[MemberId], desk: ClaimDesk, postings: Postings
) -> list[ClaimView]:
    """The same reads for every claim, whether its order is hers, somebody else's or not there (one more where the
    platform split an order, whosever it is)."""
    orders = followed(desk.pool, [claim.order_ref for claim in claims])
    held = _held({order.order_ref: order for order in orders.values()}.values(), hers, postings)
    now = desk.now()
    return [
        view_of(
            claim, orders.get(claim.order_ref), held, hers=hers, now=now,
            window_days=desk.rules.window_days(claim.programme_id, claim.platform),
        )
        for claim in claims
    ]  # fmt: skip


def _held(
    orders: Iterable[Order], hers: Sequence[MemberId], postings: Postings
) -> dict[str, LinePosting]:
    lines: dict[MemberId, list[str]] = {each: [] for each in hers}
    for order in orders:
        if order.ownership is not None and is_hers(order, hers):
            owner = order.ownership.member_id
            lines[owner] += [order.line_id(facts.line_key) for facts in facts_of(order)]
    held: dict[str, LinePosting] = {}
    for owner, line_ids in lines.items():
        held |= postings(owner, line_ids)
    return held
