"""`huixue set-credential`: puts the secret of an outside platform's application where the functions read it."""

from __future__ import annotations

import json
import re
import sys
from typing import Annotated, Any

import typer

from infra.ops.deployment import LOCAL, load
from infra.ops.errors import OperatorError
from infra.ops.refusals import told_to_operator

_NAME = re.compile(r"(wechat|taobao):[0-9A-Za-z_-]{1,64}")


def set_credential(
    name: Annotated[str, typer.Argument(help="wechat:APP_ID or taobao:APP_KEY.")],
    stage: Annotated[str, typer.Option(help="Which deployment.")] = LOCAL,
    region: Annotated[str | None, typer.Option(help="AWS region, for stages on AWS.")] = None,
) -> None:
    """Store a platform credential; its secret is asked for, or read from standard input, never from the command line.

    Functions take it up within five minutes.
    """
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"{name!r} names no application", next_step="Write wechat:APP_ID or taobao:APP_KEY."
        )
    deployment = load(stage, region=region)
    secret = _asked(name)
    with told_to_operator():
        count = stored(
            deployment.client("secretsmanager"), deployment.output("PlatformCredentialsSecretArn"),
            name, secret,
        )  # fmt: skip
    typer.echo(f"{name} is stored; {deployment.stage} holds {count} credentials now")


def stored(client: Any, secret_id: str, name: str, secret: str) -> int:
    """Adds or replaces one credential and keeps the others; returns how many there are. May be repeated. Two operators
    at the same moment may overwrite each other: Secrets Manager has no conditional write."""
    content = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])
    content[name] = secret
    client.put_secret_value(SecretId=secret_id, SecretString=json.dumps(content))
    return len(content)


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        secret: str = typer.prompt(f"Secret of {name}", hide_input=True)
    else:
        secret = sys.stdin.readline()
    secret = secret.strip()
    if not secret or not secret.isprintable() or not secret.isascii():
        raise OperatorError("that is no secret", next_step="Paste it as the platform shows it.")
    return secret
