"""The walk-through of `make run`: the main job through the real doors, each answer checked against the export.

What is expected comes from the manifest and from `recompute.py`, which read the files and share no code with the
product.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.demo.checks import Checks
from infra.demo.manifest import BuyerOrders, Manifest
from infra.demo.member import Member
from infra.demo.recompute import paid_fen, recompute
from infra.demo.refund import write_refund

MORE_MEMBERS = 8
"""Members who sync an account each, besides A and B."""


@dataclass(slots=True, kw_only=True)
class Walkthrough:
    address: str
    export: Path
    manifest: Manifest
    checks: Checks
    audit: Callable[[], tuple[int, list[str]]]
    """The ledger's points in all, and what does not hold in it."""
    bring: Callable[[Path], None]
    """Imports a newer export of the shop."""
    nonce: str
    a: Member = field(init=False)
    b: Member = field(init=False)

    def play(self) -> bool:
        """True if every step was as expected."""
        steps = (
            self._claims, self._one_tap, self._not_hers, self._reasons, self._everybody,
            self._refunded,
        )  # fmt: skip
        return self.checks.play(steps)

    def _check(self, what: str, found: object, expected: object) -> None:
        self.checks.check(what, found, expected)

    def _say(self, text: str) -> None:
        self.checks.say(text)

    def _member(self, name: str) -> Member:
        return Member(self.address, name, self.nonce)

    def _claims(self) -> None:
        self._say("Member A signs in through WeChat and claims one order by its number")
        self.a, order = self._member("anmei"), self.manifest.lone
        taken = self.a.claim(order.order_number)
        self._check("taken at once", (taken.status, taken.body["status"]), (202, "waiting"))
        claim = self.a.claimed(taken.body["claim_id"])
        self._check("credited", (claim["status"], _points(claim)), ("credited", order.points))
        self._check("points", self.a.points()["available"], order.points)
        line = claim["lines"][0]
        self.checks.console.print(f"    why: {_explained(line)}")
        again = self.a.claim(order.order_number)
        hit = (again.status, again.headers.get("idempotency-hit"), again.body["status"])
        self._check("the same claim again", hit, (200, "true", "credited"))
        self._check("points unchanged", self.a.points()["available"], order.points)

    def _one_tap(self) -> None:
        self._say("Member B proves her account with one order: all orders of 90 days in one tap")
        self.b, proof = self._member("beibei"), self.manifest.proof
        expected = recompute(self.export, account=proof.account, today=self.manifest.today)
        wrong = self.b.sync(str(proof.account), proof.order_number, proof.paid_fen + 1)
        self._check(
            "a wrong amount", (wrong["status"], wrong.get("reason")), ("failed", "PROOF_FAILED")
        )
        found = self.b.sync(str(proof.account), proof.order_number, proof.paid_fen)
        self._check("the sync", found["status"], "done")
        self._check("lines credited", found.get("lines_credited"), expected.credited)
        self._check("lines found", found.get("lines_found"), expected.orders)
        self._check("points", self.b.points()["available"], expected.points)
        self._check("orders in her list", len(self.b.orders()), expected.orders)
        entries = self.b.entries()
        self._check("her entries come to", sum(each["points"] for each in entries), expected.points)

    def _not_hers(self) -> None:
        self._say("A claims B's order: it reads like one that does not exist")
        theirs = self.a.claim(self.manifest.proof.order_number)
        absent = self.a.claim("9" * 19)
        time.sleep(1.0)  # the matcher has looked at both by now
        seen = [
            self.a.call("GET", f"/v1/orders/{each.body['claim_id']}") for each in (theirs, absent)
        ]
        shapes = [
            (each.status, sorted(each.body), each.body["status"], each.body["lines"])
            for each in seen
        ]
        self._check("both", shapes[0], shapes[1])
        self._check("status", seen[0].body["status"], "waiting")

    def _reasons(self) -> None:
        self._say("Orders that bring nothing, or less, say why")
        unpaid, old = frozenset({"unpaid"}), self.manifest.old
        made = self.manifest
        self._reads("unpaid", made.unpaid.order_number, ("unpaid", 0, None), until=unpaid)
        self._reads(
            "refunded in full", made.fully_refunded.order_number, ("rejected", 0, "REFUNDED")
        )
        partly = made.partly_refunded
        self._reads("refunded in part", partly.order_number, ("credited", partly.points, None))
        self._reads("paid too long ago", old.order_number, ("rejected", 0, "OUT_OF_WINDOW"))
        masked = made.masked
        self._reads(
            "account printed masked, by number",
            masked.order_number,
            ("credited", masked.points, None),
        )

    def _reads(
        self, what: str, number: str, expected: tuple[str, int, str | None],
        until: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        taken = self.a.claim(number)
        claim = self.a.claimed(taken.body["claim_id"], until=until)
        self._check(what, (claim["status"], _points(claim), claim.get("reason")), expected)

    def _everybody(self) -> None:
        self._say(f"{MORE_MEMBERS} more members sync; then all points are recomputed from the file")
        members = [self.a, self.b]
        expected = self._expected_of_a() + self._expected_of_b()
        for at, buyer in enumerate(self._more_buyers()):
            member = self._member(f"huiyuan{at}")
            members.append(member)
            expected += self._synced(member, buyer)
        total = sum(member.points()["available"] for member in members)
        self._check("points of all members, and the file's own sum", total, expected)
        in_ledger, broken = self.audit()
        self._check("audit: violations", broken, [])
        self._check("audit: points in the ledger", in_ledger, expected)

    def _refunded(self) -> None:
        number = self.manifest.lone.order_number
        newer = self.export.with_name("newer-export.csv")
        half_fen = paid_fen(self.export, number) // 2
        write_refund(self.export, newer, number, half_fen)
        left = recompute(newer, order_numbers={number}).points
        self._say(
            f"A gets {half_fen / 100:.2f} yuan back for her first order: a newer export says so"
        )
        before = self.a.points()["available"]
        self.bring(newer)
        taken = self.a.claim(number).body["claim_id"]
        claim = self.a.claimed(taken, until=frozenset({"partially_clawed_back"}))
        back = self.manifest.lone.points - left
        self._check("the claim", (claim["status"], _points(claim)), ("partially_clawed_back", left))
        self._check("points", self.a.points()["available"], before - back)
        newest = self.a.entries()[0]
        self._check(
            "her newest entry", (newest["scene"], newest["points"]), ("order_clawback", -back)
        )
        self.checks.console.print(f"    she reads: {newest['note']}")
        month = self.a.call("GET", f"/v1/points/statements/{newest['business_date'][:7]}").body
        summed = month["opening"] + sum(each["points"] for each in month["by_scene"])
        self._check("her statement adds up to", (summed, month["closing"]), (before - back,) * 2)
        _, broken = self.audit()
        self._check("audit: violations", broken, [])

    def _expected_of_a(self) -> int:
        made = self.manifest
        numbers = {each.order_number for each in (
            made.lone, made.unpaid, made.fully_refunded, made.partly_refunded, made.old, made.masked,
        )}  # fmt: skip
        return recompute(self.export, order_numbers=numbers, today=made.today).points

    def _expected_of_b(self) -> int:
        account = self.manifest.proof.account
        return recompute(self.export, account=account, today=self.manifest.today).points

    def _more_buyers(self) -> list[BuyerOrders]:
        made = self.manifest
        used = {
            each.account for each in (
                made.proof, made.lone, made.unpaid, made.fully_refunded, made.partly_refunded, made.old,
            )
        }  # fmt: skip
        return [each for each in made.buyers if not each.masked and each.account not in used][
            :MORE_MEMBERS
        ]

    def _synced(self, member: Member, buyer: BuyerOrders) -> int:
        """Points she should have now: all her orders of the window, if one of them can prove her account."""
        found = recompute(self.export, account=buyer.account, today=self.manifest.today)
        proof = next(
            (number for number in buyer.order_numbers if number in found.points_by_order), None
        )
        if proof is None:
            return 0
        result = member.sync(buyer.account, proof, paid_fen(self.export, proof))
        if (result["status"], result.get("lines_credited")) != ("done", found.credited):
            self._check(f"{member.name}'s sync", result, f"done, {found.credited} lines credited")
        return found.points


def _points(claim: dict[str, Any]) -> int:
    return sum(line["points"] for line in claim["lines"])


def _explained(line: dict[str, Any]) -> str:
    """The explanation of a line as a sum anybody can do again."""
    why = line["explanation"]
    yuan = {
        name: f"{why[f'{name}_fen'] / 100:.2f}" for name in ("paid", "freight", "refunded", "base")
    }
    return (
        f"{yuan['paid']} paid − {yuan['freight']} freight − {yuan['refunded']} refunded = {yuan['base']} yuan"
        f" × {why['rate_milli'] / 1000:g} × {why['multiplier_percent']} %, rounded down = {line['points']} points"
        f" (rule {why['rule']}, version {why['programme_version']})"
    )
