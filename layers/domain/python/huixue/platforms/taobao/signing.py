"""The signature of Taobao's gateway (TOP), pure.

Source: open.taobao.com, "API 调用方法详解 / 签名算法"; the official example is among the tests' vectors.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

SignMethod = Literal["md5", "hmac", "hmac-sha256"]


def canonical_string(parameters: Mapping[str, str]) -> str:
    """Names and raw values in the order of names, nothing between; without `sign` and without empty ones."""
    return "".join(
        f"{name}{parameters[name]}"
        for name in sorted(parameters)
        if name and name != "sign" and parameters[name]
    )


def sign(parameters: Mapping[str, str], *, secret: str, method: SignMethod = "hmac-sha256") -> str:
    """Upper-case hex. `sign_method` is itself a parameter and must name `method`: it is signed too.

    Repeatable; the order of parameters does not matter. Text is signed as UTF-8, not URL-encoded.
    """
    text, key = canonical_string(parameters).encode(), secret.encode()
    if method == "md5":
        return hashlib.md5(key + text + key, usedforsecurity=False).hexdigest().upper()
    digest = "md5" if method == "hmac" else "sha256"
    return hmac.new(key, text, digest).hexdigest().upper()


def signed(
    parameters: Mapping[str, str], *, secret: str, method: SignMethod = "hmac-sha256"
) -> dict[str, str]:
    """The parameters with `sign_method` and `sign`, without empty ones: what is sent."""
    complete = {name: value for name, value in parameters.items() if value} | {
        "sign_method": method
    }
    return complete | {"sign": sign(complete, secret=secret, method=method)}
