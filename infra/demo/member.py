"""A member of the demo: a mini-program client that speaks to the API over HTTP, as `http-api.md` says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import urllib3

PATIENCE_S = 60.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


class Member:
    """Signs in once and keeps her token, as the mini-program does."""

    def __init__(self, address: str, name: str, nonce: str) -> None:
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=30), retries=False)
        self._address = address
        self.name = name
        self._token: str | None = None
        answer = self.call("POST", "/v1/sessions", {"code": f"sandbox-{name}-{nonce}"})
        if answer.status != 200:
            raise RuntimeError(f"{name} cannot sign in: {answer.status} {answer.body}")
        self._token = answer.body["token"]
        self.member_id: str = answer.body["member"]["member_id"]

    @property
    def authorization(self) -> dict[str, str]:
        return {} if self._token is None else {"authorization": f"Bearer {self._token}"}

    def call(self, method: str, path: str, body: object | None = None) -> Answer:
        headers = {"content-type": "application/json", **self.authorization}
        content = None if body is None else json.dumps(body).encode()
        reply = self._pool.request(method, self._address + path, body=content, headers=headers)
        answered = {name.lower(): value for name, value in reply.headers.items()}
        return Answer(reply.status, answered, json.loads(reply.data) if reply.data else {})

    def claim(self, order_number: str, **more: object) -> Answer:
        body = {"platform": "taobao", "order_number": order_number, **more}
        return self.call("POST", "/v1/orders", body)

    def claimed(self, claim_id: str, *, until: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The claim once its status is one of `until` (any but waiting and pending, if empty)."""
        for body in self._polled(f"/v1/orders/{claim_id}"):
            settled = body["status"] not in {"waiting", "pending"}
            if body["status"] in until or (not until and settled):
                return body
        return self.call("GET", f"/v1/orders/{claim_id}").body

    def sync(self, account: str, order_number: str, paid_amount_fen: int) -> dict[str, Any]:
        body = {
            "platform": "taobao", "account": account, "order_number": order_number,
            "paid_amount_fen": paid_amount_fen,
        }  # fmt: skip
        started = self.call("POST", "/v1/order-syncs", body)
        if started.status not in {200, 202}:
            return {"status": "refused", **started.body}
        for found in self._polled(f"/v1/order-syncs/{started.body['sync_id']}"):
            if found["status"] != "running":
                return found
        return {"status": "running"}

    def points(self) -> dict[str, Any]:
        return self.call("GET", "/v1/points").body

    def entries(self) -> list[dict[str, Any]]:
        return self._all("/v1/points/entries")

    def orders(self) -> list[dict[str, Any]]:
        return self._all("/v1/orders")

    def _all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.call("GET", f"{path}?limit=20{cursor}").body
            items += page["items"]
            if "next_cursor" not in page:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    def _polled(self, path: str) -> Iterator[dict[str, Any]]:
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            answer = self.call("GET", path)
            if answer.status == 200:
                yield answer.body
            time.sleep(POLL_S)
