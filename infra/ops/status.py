"""`huixue status`: is it there, does it answer, does work wait or lie dead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import urllib3

from infra.ops.deployment import stack_names
from infra.ops.stacks import Stacks

if TYPE_CHECKING:
    from infra.ops.deployment import Deployment

_DEAD = "DeadLetterQueueName"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    address: str
    answers: bool
    stacks: Mapping[str, str]
    waiting: Mapping[str, int]
    """Messages of each queue, those in work included."""
    dead: Mapping[str, int]

    @property
    def is_well(self) -> bool:
        deployed = all(state.endswith("_COMPLETE") for state in self.stacks.values())
        return self.answers and deployed and not any(self.dead.values())


def of(deployment: Deployment) -> Status:
    """One look; may be repeated. Raises boto3's errors where the deployment cannot be reached at all."""
    stacks = Stacks(client=deployment.client("cloudformation"))
    states: dict[str, str] = {}
    for name in stack_names(deployment.stage).values():
        found = stacks.describe(name)
        states[name] = found["StackStatus"] if found else "not deployed"
    queues = [name for name in deployment.outputs if name.endswith("QueueName")]
    depths = {name: _depth(deployment, deployment.outputs[name]) for name in sorted(queues)}
    address = deployment.output("ApiUrl")
    return Status(
        address=address,
        answers=_answers(f"{address}/v1/health"),
        stacks=states,
        waiting={
            name.removesuffix("QueueName"): depth
            for name, depth in depths.items()
            if not name.endswith(_DEAD)
        },
        dead={
            name.removesuffix(_DEAD): depth
            for name, depth in depths.items()
            if name.endswith(_DEAD)
        },
    )


def _depth(deployment: Deployment, queue_name: str) -> int:
    sqs = deployment.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
    return sum(int(found.get(name, "0")) for name in wanted)


def _answers(url: str) -> bool:
    try:
        return urllib3.request("GET", url, timeout=35.0, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
