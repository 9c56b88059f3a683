"""How each platform writes the order number a buyer sees: the form alone, never whether it exists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "taobao": re.compile(r"[0-9]{15,20}"),
        "douyin": re.compile(r"[0-9]{15,20}A?"),
        "kuaishou": re.compile(r"[0-9]{13,20}"),
        "jd": re.compile(r"[0-9]{9,20}"),
        "wechat_shop": re.compile(r"[0-9]{15,20}"),
    }
)


def order_number_form(platform: str, text: str) -> bool:
    """True where `text`, as it stands, has the form of the platform's parent order numbers.

    Nothing is trimmed or converted: a caller normalises first (`huixue.kernel.ids.normalised`).
    False for a platform that is not known. Never raises.
    """
    form = _FORMS.get(platform)
    return form is not None and form.fullmatch(text) is not None
