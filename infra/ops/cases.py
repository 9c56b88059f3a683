"""`huixue cases`, `case` and `decide`: what members appeal against, what there is to see, and the verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, get_args

import typer
from rich.table import Column, Table

from huixue.kernel.ids import MemberId
from huixue.orders.appeals import find_case
from huixue.orders.disputes import CaseDecidedError, Verdict, VerdictRefusedError
from huixue.points.adjusting import MAX_NOTE_CHARS
from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.ledger_doors import operator_of, plain_console, told
from infra.ops.options import AsJson, Operator, Region, Stage
from infra.ops.terminal import pairs_table

LISTED = 500
"""Open cases shown, and searched for an id; the oldest come first."""
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
CaseArgument = Annotated[str, typer.Argument(metavar="ID", help="As `huixue cases` names it.")]
MemberOption = Annotated[
    str | None, typer.Option("--member", help="Whose it is; needed once it is decided.")
]


def cases(stage: Stage = LOCAL, region: Region = None, as_json: AsJson = False) -> None:
    """List what waits for a verdict, the oldest first."""
    from infra.ops import case_evidence  # noqa: PLC0415 - with Powertools; `huixue --help` waits for nothing

    with told():
        at = case_evidence.case_desk(load(stage, region=region))
        found = [case_evidence.summary(each) for each in at.desk.cases.open_cases(LISTED)]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console = plain_console()
    if not found:
        console.print("no case waits")
        return
    case_id = Column("case", no_wrap=True)  # to be copied into the next command
    others = (Column(name, overflow="fold") for name in ("about", "member", "since", "her words"))
    table = Table(case_id, *others)
    for facts in found:
        cells = (facts[name] for name in ("case_id", "about", "member_id", "created_at", "message"))
        table.add_row(*map(str, cells))
    console.print(table)
    console.print("Look at one with `huixue case ID`, then decide: `huixue decide ID VERDICT`.")


def case(
    case_id: CaseArgument,
    member: MemberOption = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show what bears on a case, and what a transfer would do; nothing is written."""
    from infra.ops import case_evidence  # noqa: PLC0415 - as above

    with told():
        at = case_evidence.case_desk(load(stage, region=region))
        found = case_evidence.evidence(
            find_case(case_id, member_id=_member(member), cases=at.desk.cases, limit=LISTED), at
        )
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console = plain_console()
    for topic, facts in found.items():
        if isinstance(facts, Mapping):
            console.print(pairs_table(topic, {str(key): str(each) for key, each in facts.items()}))


def decide(
    case_id: CaseArgument,
    verdict: Annotated[str, typer.Argument(help=f"One of {', '.join(VERDICTS)}.")],
    note_member: Annotated[str, typer.Option(help="What the member reads, in Chinese.")],
    member: MemberOption = None,
    operator: Operator = None,
    stage: Stage = LOCAL,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Decide a case: the order becomes hers (transfer), she may redeem again (lift), or it stays as it is (uphold).

    A verdict is given once; the same one again changes nothing. `close` is for cases with nothing left to decide.
    """
    from infra.ops import case_evidence  # noqa: PLC0415 - as above

    known = next((each for each in VERDICTS if each == verdict), None)
    if known is None:
        raise OperatorError(
            f"{verdict!r} is no verdict", next_step=f"Use one of {', '.join(VERDICTS)}."
        )
    note = _note(note_member)
    with told(), _verdict_told():
        deployment = load(stage, region=region)
        at = case_evidence.case_desk(deployment)
        by = operator_of(deployment, operator)
        found = find_case(case_id, member_id=_member(member), cases=at.desk.cases, limit=LISTED)
        done = case_evidence.decided(found, known, by, note, at)
    if as_json:
        typer.echo(json.dumps(case_evidence.summary(done), ensure_ascii=False))
    else:
        plain_console().print(f"{done.case_id} is {done.status}, decided by {done.decided_by}.")


def _member(text: str | None) -> MemberId | None:
    return MemberId(text) if text is not None else None


def _note(text: str) -> str:
    if not text.strip() or len(text) > MAX_NOTE_CHARS or not text.isprintable():
        raise OperatorError(
            f"the note for the member must have 1 to {MAX_NOTE_CHARS} characters on one line",
            next_step="Tell her in a sentence why it was decided so; nothing was written.",
        )
    return text.strip()


@contextmanager
def _verdict_told() -> Iterator[None]:
    """What cannot be carried out, with what to do instead."""
    try:
        yield
    except VerdictRefusedError as error:
        why = str(error.facts.get("why", "look at it again: `huixue case ID`"))
        raise OperatorError(error.message, next_step=f"{why[:1].upper()}{why[1:]}.") from error
    except CaseDecidedError as error:
        raise OperatorError(
            f"{error.message}: {error.facts.get('status')}",
            next_step="A verdict is final. Points are corrected with `huixue adjust`.",
        ) from error
