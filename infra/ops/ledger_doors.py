"""What the commands on the ledger work with: its use cases on a deployment's tables, and who is at the keyboard."""

from __future__ import annotations

import getpass
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import HuixueError, NotFoundError
from huixue.kernel.ids import MemberId
from huixue.kernel.policies import LedgerPolicy
from huixue.members.model import Member
from huixue.members.store import DynamoDbMembers
from huixue.points.adjustment_store import AdjustmentStore
from huixue.points.four_eyes import person
from huixue.points.ports import LedgerDesk
from huixue.points.store import LedgerStore
from huixue.programme.policy import ledger_policy
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import CachedProgrammes
from infra.ops import stores
from infra.ops.deployment import LOCAL, Deployment
from infra.ops.erased_members import erased_among, must_live
from infra.ops.errors import OperatorError

_AGAIN = "Run the command again: it may be repeated."
_NEXT_STEPS: Mapping[str, str] = {
    "ADJUSTMENT_INVALID": "Correct it and run the command again; nothing was written.",
    "CONSENT_REQUIRED": "She decides that herself, in the mini-program; nothing was changed.",
    "CONTENTION": _AGAIN,
    "UNAVAILABLE": _AGAIN,
    "IDEMPOTENCY_MISMATCH": "Use the very request the id was made for, or another id.",
    "LEDGER_CHANGED": "Somebody posted at the same moment; run the command again.",
    "MEMBER_ERASED": "Leave her out; what waits for her in `huixue adjustments` is ended by `huixue reject ID`.",
    "MEMBER_NOT_FOUND": "Check the id and the stage.",
    "NOT_FOUND": "Check the id, the programme and the stage.",
    "OPERATOR_INVALID": "Name yourself with --operator, in Latin or Chinese letters and digits.",
    "PREVIEW_STALE": "Run it with --dry-run, look at what changed, and run it with the new --preview.",
    "PROPOSAL_DECIDED": "What was entered is corrected by another adjustment: `huixue adjust … --corrects ENTRY`.",
    "PROPOSAL_EXPIRED": "Ask for it again under a new id.",
    "PROPOSAL_REJECTED": "Ask whoever rejected it; if it is right after all, ask for it again under a new id.",
    "TAG_REFUSED": "Write the group and the value as `huixue tag --help` says; nothing was changed.",
    "TOO_MANY_TAGS": "Take one away first: `huixue tag MEMBER GROUP VALUE --remove`.",
    "SAME_OPERATOR": "Another operator must run `huixue approve` with the same id.",
}
_ELSE = "Look at the member (`huixue entries MEMBER`), then run the command again."


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDoors:
    desk: LedgerDesk
    ledger: LedgerStore
    members: DynamoDbMembers
    proposals: AdjustmentStore
    deployment: Deployment

    def member(self, member_id: str) -> Member:
        """As she is stored, merged or not. Raises NotFoundError."""
        found = self.members.members([MemberId(member_id)]) if member_id else {}
        if MemberId(member_id) not in found:
            raise NotFoundError(f"there is no member {member_id} in {self.deployment.stage}")
        return found[MemberId(member_id)]

    def living(self, member_id: str) -> Member:
        """As she is stored. Raises NotFoundError, MemberErasedError."""
        found = self.member(member_id)
        must_live(found.member_id, self.members)
        return found

    def erased(self, member_ids: Sequence[MemberId]) -> Mapping[MemberId, datetime]:
        return erased_among(member_ids, self.members)

    def programmes_of(self, member_ids: Sequence[MemberId]) -> dict[MemberId, str]:
        found = self.members.members(member_ids)
        return {member_id: str(member.programme_id) for member_id, member in found.items()}


def doors(deployment: Deployment) -> LedgerDoors:
    database = stores.database(deployment)
    points = deployment.output("PointsTableName")
    clock = SystemClock()
    store = DynamoDbProgrammes(database, deployment.output("ProgrammesTableName"))
    programmes = CachedProgrammes(store, clock)

    def policy_of(programme_id: str) -> LedgerPolicy:
        if not programme_id:
            return LedgerPolicy()
        version, programme = programmes.current(programme_id)
        return ledger_policy(programme, version)

    ledger = LedgerStore(database, points)
    return LedgerDoors(
        desk=LedgerDesk(ledger=ledger, policy_of=policy_of, now=clock.now, pause=_pause),
        ledger=ledger,
        members=DynamoDbMembers(database, deployment.output("MembersTableName")),
        proposals=AdjustmentStore(database, points),
        deployment=deployment,
    )


def plain_console(*, stderr: bool = False) -> Console:
    """Shows what people typed as they typed it: notes may hold brackets and colons."""
    return Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _pause(lost: int) -> None:
    time.sleep(random.uniform(0, 0.005 * 2**lost))  # noqa: S311 - jitter, no secret


def operator_of(deployment: Deployment, named: str | None) -> str:
    """Who acts: on AWS the caller as STS knows him, locally what he says or the machine's user. Raises
    OperatorError, OperatorInvalidError."""
    if deployment.stage == LOCAL:
        identity = _user() if named is None else named
    elif named is not None:
        raise OperatorError(
            "on AWS you are who your credentials say",
            next_step="Leave --operator out, and use credentials of your own.",
        )
    else:
        identity = deployment.client("sts").get_caller_identity()["Arn"]
    person(identity)
    return identity


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no name for this user: containers
        raise OperatorError(
            "this machine does not know who you are", next_step="Say it with --operator NAME."
        ) from None


@contextmanager
def told() -> Iterator[None]:
    """Inside it every refusal leaves as an OperatorError with its stable code; a bug stays what it is."""
    try:
        yield
    except HuixueError as error:
        facts = ", ".join(f"{name}={value}" for name, value in error.facts.items())
        raise OperatorError(
            f"{error.code}: {error.message}{f' ({facts})' if facts else ''}",
            next_step=_NEXT_STEPS.get(error.code, _ELSE),
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS refused or did not answer: {error}",
            next_step="Check the credentials, the stage and the region, then run the command again.",
        ) from error
