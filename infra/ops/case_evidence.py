"""Appeals on a deployment's tables: the desk that decides them, and what there is to see before one decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huixue.edge.dispute_desk import (
    DisputeDesk,
    OrderTransfer,
    claim_of,
    decide,
    pinned_terms,
    planned_transfer,
)
from huixue.kernel.calendar import SystemClock, to_text
from huixue.kernel.ids import MemberId
from huixue.members.lineages import lineage_of
from huixue.members.ports import MemberStore
from huixue.orders.aliases import followed
from huixue.orders.amounts import facts_of
from huixue.orders.dispute_store import DisputeStore
from huixue.orders.disputes import Case, Verdict, VerdictRefusedError
from huixue.orders.model import Claim, Order
from huixue.orders.store import OrderStore
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban
from huixue.points.posting import as_of
from huixue.points.programme_caps import SharedCaps
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import CachedProgrammes
from infra.ops import stores
from infra.ops.deployment import Deployment
from infra.ops.ledger_doors import LedgerDoors, doors

Facts = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk:
    desk: DisputeDesk
    bans: BanStore
    doors: LedgerDoors


def case_desk(deployment: Deployment) -> CaseDesk:
    at = doors(deployment)
    database = stores.database(deployment)
    orders, points = deployment.output("OrdersTableName"), deployment.output("PointsTableName")
    pool = OrderStore(database, orders)
    programmes = CachedProgrammes(
        DynamoDbProgrammes(database, deployment.output("ProgrammesTableName")), SystemClock()
    )
    desk = DisputeDesk(
        database=database, pool=pool, book=pool, cases=DisputeStore(database, orders),
        store=at.ledger, ledger=at.desk, shared_caps=SharedCaps(database, points),
        lineage=lambda member_id: _lineage(member_id, at.members),
        terms_of=pinned_terms(lambda: programmes, lambda: at.members),
    )  # fmt: skip
    return CaseDesk(desk=desk, bans=BanStore(database, points, at.ledger.posting), doors=at)


def _lineage(member_id: MemberId, members: MemberStore) -> Sequence[MemberId]:
    """Her id as it is today first, then those of members merged into her. Raises MemberErasedError."""
    return lineage_of(member_id, store=members)


def summary(case: Case) -> Facts:
    about = "a claim" if case.claim_id is not None else "stopped redemptions"
    facts: Facts = {
        "case_id": case.case_id, "status": case.status, "about": about,
        "member_id": case.member_id, "created_at": to_text(case.created_at),
        "message": case.message,
    }  # fmt: skip
    if case.decided_at is not None:
        facts |= {"decided_at": to_text(case.decided_at), "decided_by": case.decided_by}
        facts |= {"note": case.note}
    return facts


def evidence(case: Case, at: CaseDesk) -> Facts:
    """Everything that bears on the verdict, by topic. Reads only."""
    found: Facts = {"case": summary(case)}
    if case.claim_id is None:
        return found | _of_freeze(case, at)
    claim = claim_of(case, desk=at.desk)
    order = followed(at.desk.pool, [claim.order_ref]).get(claim.order_ref)
    found["her claim"] = _claim_facts(claim, order)
    if order is None or order.first_source is None:
        return found | {"order": {"in the pool": "no"}}
    found |= {"order": _order_facts(order), "owner": _owner_facts(order, at)}
    found["accounts"] = _accounts(case, order, at)
    return found | {"a transfer would": _transfer_facts(case, at)}


def _claim_facts(claim: Claim, order: Order | None) -> Facts:
    accounts = order.account_refs if order is not None else frozenset()
    said = "not said" if claim.account_ref is None else str(claim.account_ref in accounts).lower()
    return {
        "claim_id": claim.claim_id, "platform": claim.platform, "order": claim.order_hint,
        "claimed_at": to_text(claim.claimed_at), "refused": claim.rejected_reason,
        "account_is_the_buyers": said,
    }  # fmt: skip


def _order_facts(order: Order) -> Facts:
    lines = [
        {"state": facts.state, "paid_fen": facts.paid_fen, "refunded_fen": facts.refunded_fen,
         "paid_at": to_text(facts.paid_at) if facts.paid_at else None, "title": facts.line.title}
        for facts in facts_of(order) if not facts.moved
    ]  # fmt: skip
    return {"sources": sorted(order.sources), "lines": lines}


def _owner_facts(order: Order, at: CaseDesk) -> Facts:
    owner = order.ownership
    if owner is None:
        return {"member_id": None}
    pair = (owner.member_id, owner.via)
    claims = at.desk.book.claims([pair]) if owner.via.startswith("clm_") else []
    said = [each.account_ref in order.account_refs for each in claims if each.account_ref]
    return {
        "member_id": owner.member_id, "owned_at": to_text(owner.owned_at), "via": owner.via,
        "account_is_proven": owner.proven,
        "account_is_the_buyers": str(said[0]).lower() if said else "not said",
    }  # fmt: skip


def _accounts(case: Case, order: Order, at: CaseDesk) -> Facts:
    """Who has proven that a buyer's account of the order is hers; accounts are named by their keyed hash alone."""
    found: Facts = {}
    for ref in sorted(order.account_refs):
        bound = at.desk.cases.binding(case.programme_id, ref)
        found[ref] = None if bound is None else {
            "proven_by": bound.member_id, "sync": bound.sync_id, "at": to_text(bound.bound_at),
        }  # fmt: skip
    return found


def _transfer_facts(case: Case, at: CaseDesk) -> Facts:
    try:
        plan = planned_transfer(case, desk=at.desk)
    except VerdictRefusedError as error:
        return {"be_refused": error.message, "instead": error.facts.get("why")}
    return _plan_facts(plan)


def _plan_facts(plan: OrderTransfer) -> Facts:
    giving, getting = plan.ledgers.giving, plan.ledgers.getting
    return {
        "take_points": giving.before.balance - giving.after.balance,
        "leave_her_in_debt": giving.after.debt,
        "give_points": getting.after.balance - getting.before.balance,
        "give_pending": getting.after.pending - getting.before.pending,
        "under_terms": {"version": plan.order.ownership.terms.programme_version,
                        "level": plan.order.ownership.terms.level}
        if plan.order.ownership is not None else None,
    }  # fmt: skip


def _of_freeze(case: Case, at: CaseDesk) -> Facts:
    account = at.desk.store.standing(case.member_id, []).account
    policy = at.desk.ledger.policy_of(account.programme_id)
    now = as_of(account, policy, at.desk.ledger.now())
    frozen = account.frozen
    ban = at.bans.newest((account.member_id, *account.merged_from))
    stands: Facts = {
        "available": now.available, "held": now.held, "debt": now.debt,
        "frozen_for": frozen.reason if frozen else None,
        "since": to_text(frozen.since) if frozen else None,
        "until": to_text(frozen.until) if frozen and frozen.until else None,
        "is_that_of_the_case": frozen is not None and frozen.since == case.frozen_since,
    }  # fmt: skip
    found: Facts = {"account": stands}
    return found if ban is None else found | {"ban": _ban_facts(ban)}


def _ban_facts(ban: Ban) -> Facts:
    return {
        "paid_orders": ban.paid, "refunded_orders": ban.refunded,
        "since": to_text(ban.since), "until": to_text(ban.until),
    }  # fmt: skip


def decided(case: Case, verdict: Verdict, by: str, note: str, at: CaseDesk) -> Case:
    """Carries out the verdict; the same again finds it done. Raises what `dispute_desk.decide` raises."""
    done = decide(case, verdict, by, note, desk=at.desk)
    _note_end_of_ban(done, at)
    return done


def _note_end_of_ban(case: Case, at: CaseDesk) -> None:
    """A lifted ban is remembered as over: refunds from before count no more (ID-M5). May be repeated."""
    if case.status != "lifted" or case.decided_at is None:
        return
    account = at.desk.store.standing(case.member_id, []).account
    ban = at.bans.newest((account.member_id, *account.merged_from))
    if ban is not None and ban.since == case.frozen_since:
        at.bans.note_end(ban, case.decided_at)
