"""Options that many commands have, said once."""

from __future__ import annotations

from typing import Annotated

import typer

Stage = Annotated[str, typer.Option(help="Which deployment.")]
Region = Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Programme = Annotated[str, typer.Option(help="The programme it is about.")]
Operator = Annotated[
    str | None,
    typer.Option(help="Who you are, locally; default: $USER. On AWS your credentials say it."),
]
MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id.")]
DEFAULT_PROGRAMME = "demo"
