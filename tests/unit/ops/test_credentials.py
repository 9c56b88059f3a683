"""Platform credentials are added, replaced and kept, and a secret is never on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.ops.credentials import set_credential, stored
from infra.ops.errors import OperatorError


class SecretsClient:
    def __init__(self, content: dict[str, str]) -> None:
        self.text = json.dumps(content)

    def get_secret_value(self, **request: Any) -> dict[str, str]:
        assert request == {"SecretId": "credentials"}
        return {"SecretString": self.text}

    def put_secret_value(self, **request: Any) -> None:
        assert request["SecretId"] == "credentials"
        self.text = request["SecretString"]


def test_a_new_credential_is_added_and_the_others_stay() -> None:
    client = SecretsClient({"taobao:1": "old"})

    count = stored(client, "credentials", "wechat:wx1", "new")

    assert count == 2
    assert json.loads(client.text) == {"taobao:1": "old", "wechat:wx1": "new"}


def test_the_same_credential_again_replaces_it() -> None:
    client = SecretsClient({"wechat:wx1": "old"})

    assert stored(client, "credentials", "wechat:wx1", "new") == 1
    assert stored(client, "credentials", "wechat:wx1", "new") == 1
    assert json.loads(client.text) == {"wechat:wx1": "new"}


@pytest.mark.parametrize("name", ["wx1", "jd:1", "wechat:", "wechat:a b", "wechat:wx1\n"])
def test_a_name_that_is_no_application_is_refused_before_anything_is_asked(name: str) -> None:
    with pytest.raises(OperatorError, match="names no application"):
        set_credential(name)
