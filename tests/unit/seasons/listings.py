"""A busy season in the words of the trade, invented: titles as long and as varied as real listings."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from msgspec.structs import replace

from huixue.seasons.model import (
    Block,
    BlockKind,
    Edition,
    Good,
    Guide,
    GuideRow,
    MemberDay,
    Slot,
    Stream,
    Target,
)
from tests.unit.seasons.fakes import EDITION, local, stream

_BRANDS = (
    "云杉", "禾木", "山月", "晴川", "白鹭", "听澜", "青黛", "半夏", "初雪", "南枝", "木槿", "素问",
    "小满", "竹里", "星野", "澄湖", "霁色", "桃蹊", "霜序", "清棠",
)  # fmt: skip
_WORDS = (
    "补水", "保湿", "滋润", "控油", "清爽", "舒缓", "修护", "提亮", "紧致", "淡纹", "温和", "洁净",
    "敏感肌", "干皮", "油皮", "男女通用", "学生", "套装", "正品", "专柜", "旗舰", "限量", "新款",
    "玻尿酸", "烟酰胺", "氨基酸", "神经酰胺", "积雪草", "山茶花", "绿茶", "樱花", "燕麦", "红石榴",
)  # fmt: skip
_KINDS = (
    "面霜50g", "精华液30ml", "爽肤水200ml", "乳液120ml", "洁面乳100g", "面膜10片", "眼霜15g",
    "气垫粉底液13g", "口红3.5g", "卸妆油150ml", "防晒乳SPF50+ 60ml", "护手霜75ml", "身体乳400ml",
)  # fmt: skip


def titles(count: int) -> Sequence[tuple[str, str]]:
    """Brand and title, sorted by brand as product lists are; always the same ones."""
    random = Random(11)
    made = []
    for n in range(count):
        brand = _BRANDS[n * len(_BRANDS) // count]
        words = random.sample(_WORDS, random.randint(5, 9))
        made.append(
            (brand, f"{brand}{''.join(words[:3])}{random.choice(_KINDS)} {' '.join(words[3:])}")
        )
    return made


def busy_edition() -> Edition:
    """Five entries, banners of two months, featured goods, a weekly market, a guide of 40 rows and three lessons."""
    goods = [
        Good(title=title[:24], brand=brand, price_fen=4900 + 100 * n, target=_web(n))
        for n, (brand, title) in enumerate(titles(18))
    ]
    blocks = [
        *(
            _block(f"entry-{n}", "entry", name)
            for n, name in enumerate(("商城", "签到", "抽奖", "攻略", "客服"))
        ),
        *(_block(f"banner-{n}", "banner", f"第 {n} 波活动") for n in range(6)),
        replace(_block("featured", "featured", "精选好物"), goods=tuple(goods[:10])),
        replace(
            _block("market", "market", "周末集市"),
            goods=tuple(goods[10:]),
            partner="清棠生活馆",
            disclaimer="订单与物流由商家负责",
        ),
        *(_block(f"brand-{n}", "brand", name) for n, name in enumerate(_BRANDS[:8])),
    ]
    rows = tuple(GuideRow(slot_id=f"s-12{n % 31 + 1:02}.p{n // 31:03}") for n in range(40))
    said = titles(135)
    guides = [Guide(guide_id="double", kind="promotion", title="双十一清单", rows=rows)]
    guides += [
        Guide(
            guide_id=f"lesson-{n}",
            kind="lesson",
            title=f"小课堂第 {n} 课",
            summary="一分钟读完",
            body=tuple("，".join(title for _, title in said[n * 15 + k :: 45]) for k in range(5)),
            tags={"skin_type": ("dry",)},
        )
        for n in range(3)
    ]
    return replace(
        EDITION,
        blocks=tuple(blocks),
        guides=tuple(guides),
        member_days=(MemberDay(title="会员日", weekday=5),),
    )


def busy_month(
    month: str, goods: Sequence[tuple[str, str]]
) -> list[tuple[Stream, tuple[Slot, ...]]]:
    """A stream on each of its 31 days; the first has a slot for every brand and title, the others for three."""
    made = []
    words = titles(62)
    for day in range(1, 32):
        stream_id = f"s-{month[5:]}{day:02}"
        each = stream(
            stream_id,
            f"{month}-{day:02} 19:30",
            title=f"{words[day * 2 - 2][1][2:8]}、{words[day * 2 - 1][1][2:8]}专场",
            theme=words[day * 2 - 1][1][8:20],
            color=f"#{day * 531441 % 2**24:06X}",
            hosts=("小禾", "阿楠")[: 1 + day % 2],
            platform="taobao",
            room_id="main",
        )
        made.append((each, _slots(stream_id, goods if day == 1 else goods[:3])))
    return made


def _slots(stream_id: str, goods: Sequence[tuple[str, str]]) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            slot_id=f"{stream_id}.p{n:03}",
            brand=brand,
            title=title,
            price_fen=2900 + 700 * (n * 37 % 71),
            offset_min=n * 2 % 230,
        )
        for n, (brand, title) in enumerate(goods)
    )


def _block(block_id: str, kind: BlockKind, title: str) -> Block:
    return Block(
        block_id=block_id,
        kind=kind,
        title=title,
        image_url=f"https://cdn.example.com/season/{block_id}.png",
        starts_at=local("2026-11-01 00:00"),
        ends_at=local("2026-12-31 00:00"),
        target=Target(kind="page", path=f"pages/{kind}/index?id={block_id}"),
    )


def _web(n: int) -> Target:
    return Target(kind="web", url=f"https://shop.example.com/goods/{1000 + 37 * n}")
