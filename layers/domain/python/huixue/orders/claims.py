"""Claims: a member says an order is hers; the matcher finds out; she can follow it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from huixue.kernel.calendar import to_epoch_s
from huixue.kernel.errors import ContentionError, MismatchError, RuleError, TooManyTriesError
from huixue.kernel.events import ClaimSubmitted
from huixue.kernel.ids import KeyedHash, MemberId, normalised
from huixue.orders.aliases import followed
from huixue.orders.model import Claim, Order, Reason, Tries, claim_id_of
from huixue.orders.ports import (
    ClaimBook,
    Lineage,
    Metrics,
    OrderChangedError,
    OrderPool,
    Outbox,
    Rules,
)
from huixue.platforms.numbers import order_number_form

MAX_UNMATCHED_NUMBERS = 10
"""Numbers that found no order of hers, in an hour; more is guessing (OC-E1)."""
TRY_WINDOW_S = 3600
MAX_ROUNDS = 8
REOPENED: frozenset[Reason] = frozenset({"NOT_OUR_ROOM", "EXCLUDED_TYPE"})
"""Refusals that a later import or publication can turn: asking again decides again."""


class PlatformNotOfferedError(RuleError):
    code = "PLATFORM_NOT_OFFERED"


class OrderNumberFormatError(RuleError):
    code = "ORDER_NUMBER_FORMAT"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitClaim:
    member_id: MemberId
    programme_id: str
    platform: str
    order_number: str
    account: str | None
    room_level: str | None
    submission: str
    """The request's own id."""


class Submitted(NamedTuple):
    claim: Claim
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDesk:
    """Everything a claim needs; put together once in `edge/bootstrap.py`."""

    pool: OrderPool
    book: ClaimBook
    rules: Rules
    outbox: Outbox
    lineage: Lineage
    metrics: Metrics
    now: Callable[[], datetime]


def order_hint(order_number: str) -> str:
    """The first 4 and last 2 characters, for the owner's eyes."""
    return f"{order_number[:4]}…{order_number[-2:]}"


def checked_number(platform: str, programme_id: str, order_number: str, rules: Rules) -> str:
    """The number as it is hashed. Raises PlatformNotOfferedError or OrderNumberFormatError."""
    if not rules.offers(programme_id, platform):
        raise PlatformNotOfferedError("the programme does not take orders of this platform")
    number = normalised(order_number)
    if not order_number_form(platform, number):
        raise OrderNumberFormatError(
            "not the form of the platform's order numbers", platform=platform
        )
    return number


def submit(command: SubmitClaim, *, desk: ClaimDesk, hashes: KeyedHash) -> Submitted:
    """Takes a claim, or finds that this member made it before. Never looks into the pool, so its calls are the
    same for every number. Repeatable. Raises RuleError, MismatchError, TooManyTriesError and then makes no claim.
    """
    number = checked_number(
        command.platform, command.programme_id, command.order_number, desk.rules
    )
    claim = _claim_of(command, number, hashes, desk.now())
    for _ in range(MAX_ROUNDS):
        earlier, tries = desk.book.claim_and_tries(claim.member_id, claim.claim_id)
        if earlier is not None:
            return Submitted(claim=_repeated(earlier, claim, desk), is_new=False)
        try:
            _count_try(claim, tries, desk)
        except OrderChangedError:
            continue
        desk.outbox.match([message_of(claim)])
        stored = desk.book.add_claim(claim)
        is_new = stored.submission == claim.submission
        return Submitted(claim=stored, is_new=is_new)
    raise ContentionError("too many claims of one member at once", member_id=claim.member_id)


def _claim_of(command: SubmitClaim, number: str, hashes: KeyedHash, now: datetime) -> Claim:
    order_ref = hashes.order_ref(command.platform, number)
    account = command.account
    return Claim(
        claim_id=claim_id_of(command.member_id, order_ref),
        member_id=command.member_id,
        programme_id=command.programme_id,
        platform=command.platform,
        order_ref=order_ref,
        order_hint=order_hint(number),
        account_ref=hashes.account_ref(command.platform, account) if account else None,
        room_level=command.room_level,
        claimed_at=now,
        submission=command.submission,
    )


def _repeated(earlier: Claim, claim: Claim, desk: ClaimDesk) -> Claim:
    """The earlier claim, looked at once more. An account or level added later is no mismatch; another one is."""
    for name in ("account_ref", "room_level"):
        before, said = getattr(earlier, name), getattr(claim, name)
        if before is not None and said is not None and before != said:
            field = name.removesuffix("_ref")
            raise MismatchError("claimed before with another content", field=field)
    if earlier.rejected_reason is None or earlier.rejected_reason in REOPENED:
        desk.outbox.match([message_of(earlier)])
    return earlier


def _count_try(claim: Claim, tries: Tries, desk: ClaimDesk) -> None:
    """Spends one of the hour's numbers. Raises TooManyTriesError, or OrderChangedError if others spent one."""
    now_s = to_epoch_s(claim.claimed_at)
    numbers = {key: at for key, at in tries.numbers.items() if at > now_s - TRY_WINDOW_S}
    if claim.claim_id not in numbers and len(numbers) >= MAX_UNMATCHED_NUMBERS:
        numbers = _still_unmatched(claim.member_id, numbers, desk)
        if len(numbers) >= MAX_UNMATCHED_NUMBERS:
            desk.metrics.count("ClaimThrottled")
            wait_s = min(numbers.values()) + TRY_WINDOW_S - now_s
            raise TooManyTriesError(
                "too many numbers that are not hers within an hour", retry_after_s=max(1, wait_s)
            )
    numbers = {**numbers, claim.claim_id: now_s}
    desk.book.save_tries(replace(tries, numbers=numbers))


def _still_unmatched(
    member_id: MemberId, numbers: dict[str, int], desk: ClaimDesk
) -> dict[str, int]:
    claims = desk.book.claims([(member_id, claim_id) for claim_id in numbers])
    orders = followed(desk.pool, [claim.order_ref for claim in claims])
    hers = desk.lineage(member_id)
    matched = {
        claim.claim_id
        for claim in claims
        if claim.order_ref in orders and is_hers(orders[claim.order_ref], hers)
    }
    return {claim_id: at for claim_id, at in numbers.items() if claim_id not in matched}


def is_hers(order: Order, member_ids: Collection[str]) -> bool:
    return order.ownership is not None and order.ownership.member_id in member_ids


def message_of(claim: Claim) -> ClaimSubmitted:
    return ClaimSubmitted(
        member_id=claim.member_id, programme_id=claim.programme_id, claim_id=claim.claim_id,
        order_ref=claim.order_ref, platform=claim.platform, order_hint=claim.order_hint,
        account_ref=claim.account_ref, room_level=claim.room_level, claimed_at=claim.claimed_at,
        submission=claim.submission, correlation_id=claim.claim_id,
    )  # fmt: skip
