"""A local deployment from start to stop: engine, sandbox, three stacks, one address."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from infra.ops import lowering, packaging, processes, project, release, templates, vendor_layer
from infra.ops.deployment import (
    LOCAL,
    LOCAL_REGION,
    Deployment,
    LocalRecord,
    load_local,
    record_path,
    save_local,
    session,
)
from infra.ops.engine import Engine
from infra.ops.errors import OperatorError
from infra.ops.gateway import Gateway
from infra.ops.stacks import Stacks

if TYPE_CHECKING:
    from infra.ops.release import Watcher
    from infra.ops.templates import Template

DEFAULT_PORT = 8787
_POLL_S = 0.05
_STOPPED_WITHIN_S = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Three in a row: the address everybody uses, the engine's and the sandbox's own."""

    gateway: int

    @property
    def engine(self) -> int:
        return self.gateway + 1

    @property
    def sandbox(self) -> int:
        return self.gateway + 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    record: LocalRecord
    engine: Engine
    process: subprocess.Popen[bytes]

    def wait(self) -> None:
        """Until somebody interrupts. Raises `OperatorError` where the engine dies of itself."""
        while self.process.poll() is None:
            time.sleep(0.5)
        raise OperatorError(
            f"the engine ended of itself (exit code {self.process.returncode})",
            next_step=f"Read {self.engine.log}, then run `huixue up` again.",
        )


def _engine(ports: Ports) -> Engine:
    # A folder for each port: queue URLs, which the state is full of, hold the port.
    return Engine(port=ports.engine, folder=project.state_folder() / f"engine-{ports.engine}")


@contextmanager
def running(port: int, *, fresh: bool, watcher: Watcher) -> Iterator[Running]:
    """Everything runs and is deployed inside the `with`; after it, everything is stopped and the state is kept.

    Inside, SIGTERM raises KeyboardInterrupt as Ctrl-C does, so that either ends it in order.
    Raises `OperatorError` where a port is taken, or something does not start or deploy.
    """
    from infra.sandbox.server import CREDENTIALS, SandboxServer  # noqa: PLC0415 - only who serves needs it

    ports = Ports(gateway=port)
    engine = _engine(ports)
    with processes.ended_by_signals(), ExitStack() as stack:
        _must_not_run(ports)
        if engine.stop_left_over():
            watcher.step("an engine left over from before saved its state and was stopped")
        for taken in (ports.gateway, ports.engine, ports.sandbox):
            _must_be_free(taken)
        if fresh:
            engine.wipe()
        elif engine.was_cut_off():
            watcher.step(
                "the last engine was not stopped gracefully: going on from its last graceful stop"
            )
        watcher.step("starting the engine")
        process = engine.start()
        stack.callback(_stop, engine, process, watcher)
        sandbox = SandboxServer(ports.sandbox)
        sandbox.start()
        stack.callback(sandbox.stop)
        deployment = deploy(engine, sandbox.address, watcher, credentials=CREDENTIALS)
        gateway = Gateway(
            ports.gateway,
            api_url=f"{engine.endpoint_url}/_aws/execute-api/{deployment.output('ApiId')}/$default",
            sandbox_url=sandbox.address,
        )
        gateway.start()
        stack.callback(gateway.stop)
        outputs = {**deployment.outputs, "ApiUrl": gateway.address}
        record = LocalRecord(
            deployment=Deployment(
                stage=LOCAL,
                region=LOCAL_REGION,
                endpoint_url=engine.endpoint_url,
                outputs=outputs,
            ),
            address=gateway.address,
            sandbox_url=f"{gateway.address}/sandbox",
            port=port,
            pid=os.getpid(),
            engine_pid=process.pid,
        )
        save_local(record)
        stack.callback(record_path().unlink, missing_ok=True)
        yield Running(record=record, engine=engine, process=process)


def deploy_again(record: LocalRecord, watcher: Watcher) -> LocalRecord:
    """What changed in the checkout, into what runs. May be repeated."""
    from infra.sandbox.server import CREDENTIALS  # noqa: PLC0415 - only who serves needs it

    ports = Ports(gateway=record.port)
    engine = _engine(ports)
    sandbox_address = f"http://127.0.0.1:{ports.sandbox}"
    deployment = deploy(engine, sandbox_address, watcher, credentials=CREDENTIALS)
    outputs = {**deployment.outputs, "ApiUrl": record.address}
    renewed = replace(record, deployment=replace(record.deployment, outputs=outputs))
    save_local(renewed)
    return renewed


def deploy(
    engine: Engine, sandbox_address: str, watcher: Watcher, *, credentials: Mapping[str, str]
) -> Deployment:
    """The three stacks into a running engine, then what its CloudFormation leaves out. May be repeated."""
    account = session(LOCAL, LOCAL_REGION)
    url = engine.endpoint_url
    interpreter = packaging.this_interpreter()
    destination = release.Destination(
        stage=LOCAL,
        stacks=Stacks(client=account.client("cloudformation", endpoint_url=url), poll_s=_POLL_S),
        s3=account.client("s3", endpoint_url=url),
        target=vendor_layer.local_target(),
        interpreter=interpreter,
        adapt=_lowered,
        chosen={
            "WechatEndpoint": f"{sandbox_address}/sandbox/wechat",
            "TaobaoEndpoint": f"{sandbox_address}/sandbox/taobao/router/rest",
        },
    )
    outputs = release.deploy(destination, watcher)
    deployment = Deployment(
        stage=LOCAL, region=LOCAL_REGION, endpoint_url=engine.endpoint_url, outputs=outputs
    )
    _let_items_expire(deployment)
    _fill_credentials(deployment, credentials)
    return deployment


def _lowered(template: Template, parameters: Mapping[str, str]) -> Template:
    expanded = template
    if "Transform" in template:
        expanded = lowering.expand(template, parameters, region=LOCAL_REGION)
    return lowering.lower(
        expanded,
        runtime=f"python{packaging.this_interpreter().version}",
        max_concurrency=max(2, os.cpu_count() or 2),
    )


def _let_items_expire(deployment: Deployment) -> None:
    client = deployment.client("dynamodb")
    wanted = lowering.time_to_live(templates.read(project.DATA_TEMPLATE))
    for logical_id, attribute in wanted.items():
        table = deployment.output(f"{logical_id}Name")
        now = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if now.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            client.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute},
            )


def _fill_credentials(deployment: Deployment, credentials: Mapping[str, str]) -> None:
    """The sandbox's made-up credentials; those of anybody else were never here."""
    client = deployment.client("secretsmanager")
    secret_id = deployment.output("PlatformCredentialsSecretArn")
    wanted = json.dumps(dict(credentials), sort_keys=True)
    if client.get_secret_value(SecretId=secret_id)["SecretString"] != wanted:
        client.put_secret_value(SecretId=secret_id, SecretString=wanted)


def _stop(engine: Engine, process: subprocess.Popen[bytes], watcher: Watcher) -> None:
    processes.hear_no_more()
    watcher.step("stopping the engine")
    if not engine.stop(process):
        watcher.step("the engine did not stop gracefully: what was written since its start is lost")


def is_running(record: LocalRecord) -> bool:
    """Its process lives and its engine answers."""
    return processes.is_alive(record.pid) and _engine(Ports(gateway=record.port)).is_healthy()


def down() -> bool:
    """Stop what `huixue up` started here and wait until it is gone; False where nothing ran. May be repeated.

    Raises `OperatorError` where it does not stop.
    """
    record = load_local()
    if record is None:
        return False
    if processes.is_alive(record.pid):
        os.kill(record.pid, signal.SIGTERM)
        processes.await_gone(record.pid, within_s=_STOPPED_WITHIN_S)
        return True
    stopped = _engine(Ports(gateway=record.port)).stop_left_over()
    record_path().unlink(missing_ok=True)
    return stopped


def _must_not_run(ports: Ports) -> None:
    record = load_local()
    if record is None:
        return
    if processes.is_alive(record.pid):
        if record.port == ports.gateway:
            raise OperatorError(
                f"it runs already at {record.address} (process {record.pid})",
                next_step="Use it, or stop it first: `huixue down`.",
            )
        raise OperatorError(
            f"this checkout serves already at {record.address} (process {record.pid})",
            next_step="Stop it (`huixue down`), or give this one a HUIXUE_STATE_DIR of its own.",
        )
    record_path().unlink(missing_ok=True)


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise OperatorError(
                f"port {port} is taken",
                next_step="Stop who uses it, or take another: `huixue up --port N` (N, N+1 and N+2 are used).",
            ) from error
