"""Cold start of every function against a one-line boto3 handler, in one interleaved run: medians and ratios.

A cold start here is a fresh interpreter that imports the handler from its own folder and the two layers as they are
deployed (trimmed, compiled) and answers its accepted event, with an endpoint behind it that has nothing in store. What
counts is the ratio: milliseconds of this machine say little about Lambda's.

    python -m tests.bench.cold_start [rounds]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from huixue.edge.session_tokens import SessionKeys, issue
from huixue.kernel.ids import MemberId, ProgrammeId
from infra.ops import packaging
from tests.bench.stub_endpoint import SESSION_SECRET, stub_endpoint
from tests.engines.cloudformation import REPOSITORY, load_template
from tests.smoke.layer import DOMAIN, unpacked_vendor_layer

ROUNDS = 7
START_TIMEOUT_S = 60
CHILD = Path(__file__).with_name("cold_child.py")
ONE_LINE_BOTO3 = """\
import boto3
dynamodb = boto3.client("dynamodb")
def handler(event, context):
    return dynamodb.get_item(TableName="t", Key={"pk": {"S": "m"}})
"""


@dataclass(slots=True)
class Contestant:
    name: str
    paths: list[Path]
    env: Mapping[str, str]
    event: str = "{}"
    wall_ms: list[float] = field(default_factory=list)
    import_ms: list[float] = field(default_factory=list)
    call_ms: list[float] = field(default_factory=list)
    outcome: str = ""

    def start_once(self, report: Path) -> None:
        """One fresh process. Raises CalledProcessError when the handler cannot even be imported."""
        command = [sys.executable, "-I", "-S", "-B", str(CHILD), str(report), self.event]
        began = time.perf_counter()
        subprocess.run(
            [*command, *map(str, self.paths)],
            env=dict(self.env),
            # a pipe ends when the process does; waiting without one looks only every 50 ms
            capture_output=True,
            timeout=START_TIMEOUT_S,
            check=True,
        )
        self.wall_ms.append((time.perf_counter() - began) * 1000)
        said = json.loads(report.read_text("utf-8"))
        self.import_ms.append(said["import_ms"])
        self.call_ms.append(said["call_ms"])
        self.outcome = said["outcome"]


def race(contestants: list[Contestant], rounds: int, report: Path) -> None:
    """Interleaved, so that whatever else the machine does hits all of them."""
    for contestant in contestants:
        contestant.start_once(report)  # the disk's first read of its files is nobody's cold start
        for times in (contestant.wall_ms, contestant.import_ms, contestant.call_ms):
            times.clear()
    for _ in range(rounds):
        for contestant in contestants:
            contestant.start_once(report)


def one_line_boto3(folder: Path, url: str) -> Contestant:
    folder.mkdir()
    (folder / "app.py").write_text(ONE_LINE_BOTO3, "utf-8")
    packages = Path(sysconfig.get_paths()["purelib"])
    return Contestant(name="one-line boto3", paths=[folder, packages], env=environment(url, {}))


def our_functions(folder: Path, url: str) -> list[Contestant]:
    """Every function on its deployed layers, with the variables that the template hands it."""
    vendor = unpacked_vendor_layer(folder / "vendor")
    domain = folder / "domain"
    shutil.copytree(DOMAIN, domain, ignore=shutil.ignore_patterns("__pycache__"))
    packaging.compile_folder(domain, packaging.this_interpreter())
    template = load_template(REPOSITORY / "template.yaml")
    found = []
    for name in sorted(path.parent.name for path in (REPOSITORY / "functions").glob("*/app.py")):
        own = folder / "functions" / name
        shutil.copytree(
            REPOSITORY / "functions" / name, own, ignore=shutil.ignore_patterns("__pycache__")
        )
        packaging.compile_folder(own, packaging.this_interpreter())
        variables = variables_of(template, name, url)
        contestant = Contestant(
            name=name, paths=[own, domain, vendor], env=environment(url, variables)
        )
        contestant.event = json.dumps(accepted_event(name))
        found.append(contestant)
    return found


def variables_of(template: Mapping[str, Any], name: str, url: str) -> dict[str, str]:
    """The function's variables; what only a deployment knows gets a value of the right form."""
    shared = template["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    own = next(
        body["Properties"].get("Environment", {}).get("Variables", {})
        for body in template["Resources"].values()
        if str(body.get("Properties", {}).get("CodeUri", "")).strip("/") == f"functions/{name}"
    )
    return {
        key: value if isinstance(value, str) else f"{url}/{key.lower()}"
        for key, value in {**shared, **own}.items()
    }


def accepted_event(name: str) -> dict[str, Any]:
    """The function's sample event; a request carries a token that the stub's keys have signed, so that the handler
    goes as far as its first read."""
    samples = sorted((REPOSITORY / "events" / name).glob("accepted*.json"))
    event: dict[str, Any] = json.loads(samples[0].read_text("utf-8")) if samples else {}
    if "requestContext" in event or not samples:
        token, _ = issue(
            MemberId("mem_bench"),
            ProgrammeId("demo"),
            keys=SessionKeys.from_secret(json.dumps(SESSION_SECRET)),
            now=datetime.now(UTC),
        )
        event["headers"] = {**event.get("headers", {}), "authorization": f"Bearer {token}"}
    return event


def environment(url: str, variables: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "ap-east-1",
        "AWS_DEFAULT_REGION": "ap-east-1",
        "AWS_ENDPOINT_URL": url,
        **variables,
    }


def table(peer: Contestant, ours: list[Contestant]) -> Table:
    shown = Table(title=f"Cold start, medians of {len(peer.wall_ms)} (interleaved)")
    shown.add_column("handler")
    for column in ("import ms", "first call ms", "process ms", "ratio to boto3"):
        shown.add_column(column, justify="right")
    shown.add_column("answered")
    against = statistics.median(peer.wall_ms)
    for contestant in [peer, *ours]:
        medians = [
            statistics.median(times)
            for times in (contestant.import_ms, contestant.call_ms, contestant.wall_ms)
        ]
        ratio = f"{medians[2] / against:.2f}"
        shown.add_row(
            contestant.name, *(f"{value:.0f}" for value in medians), ratio, contestant.outcome
        )
    return shown


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="huixue-cold-") as name, stub_endpoint() as url:
        folder = Path(name)
        peer = one_line_boto3(folder / "boto3", url)
        ours = our_functions(folder, url)
        race([peer, *ours], rounds, folder / "report.json")
    Console(width=None if sys.stdout.isatty() else 140).print(table(peer, ours))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
