"""Cases put together: appeals of members, and verdicts that change orders and ledgers in one transaction.

A transfer is one unit of work over two contexts: each store offers conditional writes, this commits them. The order
must be as it was read (its revision), both accounts too (their versions), and the case still open; so of two operators
who decide at once one wins, and nothing is ever half transferred. A lost reply is found done by the next call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from huixue.dynamodb.database import Database
from huixue.dynamodb.writes import ConditionFailedError, Write
from huixue.edge import bootstrap
from huixue.edge.settings import settings
from huixue.kernel.errors import ContentionError, MemberErasedError, NotFoundError
from huixue.kernel.ids import MemberId
from huixue.kernel.terms import Terms
from huixue.members import levels
from huixue.members.ports import MemberStore
from huixue.orders.aliases import followed
from huixue.orders.appeals import Freeze, Taken, appeal_claim, appeal_freeze
from huixue.orders.dispute_store import DisputeStore
from huixue.orders.disputes import (
    Case,
    Verdict,
    VerdictRefusedError,
    case_id_of,
    decided_case,
    found_decided,
    owner_to_leave,
    terms_for_new_owner,
    transferred,
)
from huixue.orders.model import Claim, Order, Ownership, claim_id_of
from huixue.orders.ports import ClaimBook, Lineage, OrderPool
from huixue.orders.pricing import quotes_of
from huixue.points.ports import LedgerDesk
from huixue.points.programme_caps import SharedCaps
from huixue.points.store import LedgerStore
from huixue.points.transfers import Step, Transfer, planned
from huixue.points.use_cases import balance
from huixue.programme.policy import terms_for
from huixue.programme.use_cases import CachedProgrammes

MAX_ROUNDS = 8
MAX_ITEMS = 100
"""What one transaction of DynamoDB takes."""
TermsOf = Callable[[Terms, MemberId], Terms]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDesk:
    """What a verdict needs. `terms_of` says under which terms a new owner gets an order."""

    database: Database
    pool: OrderPool
    book: ClaimBook
    cases: DisputeStore
    store: LedgerStore
    ledger: LedgerDesk
    shared_caps: SharedCaps
    lineage: Lineage
    terms_of: TermsOf


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTransfer:
    """A transfer as it would be now: nothing is written yet."""

    order: Order
    """With its new owner."""
    left: Ownership
    claim: Claim
    ledgers: Transfer


@cache
def cases() -> DisputeStore:
    table = settings().need("orders_table_name").orders_table_name
    return DisputeStore(bootstrap.database(), table)


@cache
def dispute_desk() -> DisputeDesk:
    table = settings().need("points_table_name").points_table_name
    return DisputeDesk(
        database=bootstrap.database(), pool=bootstrap.orders(), book=bootstrap.orders(),
        cases=cases(), store=bootstrap.ledger(), ledger=bootstrap.ledger_desk(),
        shared_caps=SharedCaps(bootstrap.database(), table), lineage=bootstrap.lineage,
        terms_of=pinned_terms(bootstrap.programmes, bootstrap.members),
    )  # fmt: skip


def case_of_claim(claim: Claim) -> Case | None:
    """Her appeal against what became of it, if there is one; the same read for every claim."""
    return cases().case(claim.member_id, case_id_of(claim.claim_id))


def appealed_claim(member_id: MemberId, claim_id: str, message: str) -> Taken:
    return appeal_claim(
        member_id, claim_id, message, desk=bootstrap.claim_desk(), cases=cases(),
        postings=bootstrap.postings,
    )  # fmt: skip


def appealed_freeze(member_id: MemberId, programme_id: str, message: str) -> Taken:
    account, now = balance(member_id, desk=bootstrap.ledger_desk()), bootstrap.now()
    freeze = None
    if account.frozen is not None and account.is_frozen(now):
        freeze = Freeze(member_id=account.member_id, since=account.frozen.since)
    return appeal_freeze(freeze, programme_id, message, cases=cases(), now=now)


def pinned_terms(
    programmes: Callable[[], CachedProgrammes], members: Callable[[], MemberStore]
) -> TermsOf:
    """The order's terms with the new owner's level, as the pinned version of the programme rewards it."""

    def terms_of(pinned: Terms, member_id: MemberId) -> Terms:
        programme = programmes().version(pinned.programme_id, pinned.programme_version)
        level = levels.level_of(member_id, pinned.room_id, store=members())
        hers = terms_for(
            programme, pinned.programme_version, pinned.room_id, pinned.rule.partition("/")[2],
            level, paid_at=None, now=bootstrap.now(),
        )  # fmt: skip
        if hers is None:
            return terms_for_new_owner(pinned, 100, None)
        return terms_for_new_owner(pinned, hers.multiplier_percent, hers.level)

    return terms_of


def decide(case: Case, verdict: Verdict, by: str, note: str | None, *, desk: DisputeDesk) -> Case:
    """Carries out a verdict, with the operator's words for the member, and returns the case as it is then.

    `transfer` gives the order and its points to her, in one transaction with both ledgers · `lift` ends the freeze ·
    `uphold` and `close` change the case alone. The same verdict again finds it done. Raises NotFoundError,
    CaseDecidedError for another verdict, VerdictRefusedError where it cannot be carried out, ContentionError."""
    for lost in range(MAX_ROUNDS):
        present = desk.cases.case(case.member_id, case.case_id)
        if present is None:
            raise NotFoundError("there is no such case")
        if found_decided(present, verdict):
            return present
        _must_have_a_member(present, desk)
        after = decided_case(present, verdict, by, note, desk.ledger.now())
        writes = [desk.cases.decided(after), *_effects(present, verdict, desk)]
        if len(writes) > MAX_ITEMS:
            raise VerdictRefusedError(
                "the order has too many lines for one transaction", items=len(writes),
                why="correct both balances with adjustments instead",
            )  # fmt: skip
        try:
            desk.database.transact(writes)
        except ConditionFailedError:
            desk.ledger.pause(lost)
            continue
        return after
    raise ContentionError("the case, the order or a ledger kept changing", case_id=case.case_id)


def _must_have_a_member(case: Case, desk: DisputeDesk) -> None:
    try:
        desk.lineage(case.member_id)
    except MemberErasedError:
        raise VerdictRefusedError(
            "the member of this case was erased",
            why="nothing is left to decide: the case goes with the rest of her data",
        ) from None


def _effects(case: Case, verdict: Verdict, desk: DisputeDesk) -> list[Write]:
    if verdict == "transfer":
        return _transfer_writes(planned_transfer(case, desk=desk), case, desk)
    if verdict == "lift":
        return _lift_writes(case, desk)
    return []


def planned_transfer(case: Case, *, desk: DisputeDesk) -> OrderTransfer:
    """What `transfer` would do now; operators see it before they decide. Raises VerdictRefusedError."""
    claim = claim_of(case, desk=desk)
    hers, now = desk.lineage(case.member_id), desk.ledger.now()
    order = followed(desk.pool, [claim.order_ref]).get(claim.order_ref)
    left = owner_to_leave(order, hers)
    _must_not_be_erased(left, desk)
    if order is None:
        raise AssertionError("an owned order is there")
    terms = desk.terms_of(left.terms, hers[0])
    order = transferred(order, hers[0], terms, case.case_id, now)
    quotes = quotes_of(order, now)
    line_ids = [quote.line_id for quote in quotes]
    giver, getter = (desk.store.standing(each, line_ids) for each in (left.member_id, hers[0]))
    if giver.account.member_id == getter.account.member_id:
        raise VerdictRefusedError("one account holds the points of both", why="close the case")
    policy = desk.ledger.policy_of(terms.programme_id)
    ledgers = planned(
        quotes, giver, getter, policy=policy, now=now, source={"case_id": case.case_id},
        shared_of=lambda today: desk.store.shared_caps(policy, getter.account.member_id, today),
    )  # fmt: skip
    return OrderTransfer(order=order, left=left, claim=claim, ledgers=ledgers)


def _must_not_be_erased(left: Ownership, desk: DisputeDesk) -> None:
    """Lines of an erased member stay with her id for ever: who signs in anew gets none of them back (PR-E3)."""
    try:
        desk.lineage(left.member_id)
    except MemberErasedError:
        raise VerdictRefusedError(
            "the order's owner was erased", why="an erased member's orders are never counted again"
        ) from None


def claim_of(case: Case, *, desk: DisputeDesk) -> Claim:
    """Raises VerdictRefusedError for a case about something else."""
    claim = desk.book.claim(case.member_id, case.claim_id) if case.claim_id is not None else None
    if claim is None:
        raise VerdictRefusedError("the case is about no claim", why="lift or uphold it")
    return claim


def _transfer_writes(transfer: OrderTransfer, case: Case, desk: DisputeDesk) -> list[Write]:
    ledgers = transfer.ledgers
    getter = ledgers.getting.before.member_id
    policy = desk.ledger.policy_of(transfer.left.terms.programme_id)
    return [
        desk.cases.moved(transfer.order),
        desk.cases.answered(case.member_id, transfer.claim.claim_id, None),
        *(
            desk.cases.answered(claim.member_id, claim.claim_id, "OWNED_BY_OTHER")
            for claim in _claims_of_former_owner(transfer, desk)
        ),
        *_step_writes(ledgers.giving, desk),
        *_step_writes(ledgers.getting, desk),
        # one sum over both sides: what she gives back and what the other takes may be one counter
        *desk.shared_caps.writes(policy, getter, ledgers.entries, ledgers.shared),
    ]


def _step_writes(step: Step, desk: DisputeDesk) -> Sequence[Write]:
    return desk.store.posting(step.before, step.after, step.entries) if step.changes else ()


def _claims_of_former_owner(transfer: OrderTransfer, desk: DisputeDesk) -> list[Claim]:
    """By whichever of the order's numbers she claimed it; a sync may have brought it without any claim."""
    refs = {transfer.order.order_ref, transfer.claim.order_ref}
    hers = {transfer.left.member_id, *desk.lineage(transfer.left.member_id)}
    pairs = {(each, claim_id_of(each, ref)) for each in hers for ref in refs}
    return desk.book.claims(sorted({*pairs, (transfer.left.member_id, transfer.left.via)}))


def _lift_writes(case: Case, desk: DisputeDesk) -> list[Write]:
    account = desk.store.standing(case.member_id, []).account
    if case.frozen_since is None:
        raise VerdictRefusedError("the case is about a claim", why="transfer or uphold it")
    if account.frozen is None or account.frozen.since != case.frozen_since:
        raise VerdictRefusedError(
            "that freeze is over", why="close the case; a newer freeze has a case of its own"
        )
    lifted = replace(account, version=account.version + 1, frozen=None)
    return desk.store.posting(account, lifted, [])
