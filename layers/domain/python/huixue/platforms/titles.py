"""What a title alone tells: links by which buyers pay a shop some difference. Pure, the same for all platforms."""

from __future__ import annotations

import re
import unicodedata

_PAID_FOR = ("差价", "差额", "邮费", "运费", "快递费")
_AROUND = (
    "补", "差", "专拍", "专用", "专链", "链接", "连接", "拍", "一元", "1元", "多少", "勿单拍", "勿拍", "请", "联系",
    "客服", "的", "和", "或",
)  # fmt: skip
"""No word is made of two others, so that every title can be cut in one way only."""
_MOST_CHARS = 40
_ONLY_THAT = re.compile(f"(?:{'|'.join((*_PAID_FOR, *_AROUND))})+")


def pays_a_difference(title: str) -> bool:
    """Whether the title is of a link for price differences or freight (补差价, 邮费专拍) and of nothing else.

    No export and no feed marks these, so every word of the title must be one of theirs: goods whose title only
    mentions them, and orders that hold goods too, are not meant. That reading is ours, no platform states it.
    """
    if len(title) > _MOST_CHARS or not any(word in title for word in _PAID_FOR):
        return False
    plain = "".join(
        mark
        for mark in unicodedata.normalize("NFKC", title)
        if unicodedata.category(mark)[0] in "LN"
    )
    return bool(_ONLY_THAT.fullmatch(plain))
