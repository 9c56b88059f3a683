"""What the `points` map of a written programme must look like; every key may be left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, cast

from huixue.kernel.policies import (
    Cap,
    CapWindow,
    Clawback,
    Downgrade,
    Expiry,
    ExpiryMethod,
    RefundBan,
    Shortfall,
    Tier,
    Tiers,
)
from huixue.programme.model import PointsRules
from huixue.programme.reading import ABSENT, Node, Reader
from huixue.programme.words import (
    choice_or,
    choices_of,
    date_of,
    differ_by,
    flag_or,
    id_of,
    milli_of,
    title_of,
    whole_or,
)

LOT_CLASSES = ("order", "bonus", "grant", "adjust", "check_in")
"""Classes of points whose expiry may differ."""
EARNING_SCENES = (
    "order_accrual", "grant", "transfer_in", "check_in", "check_in_streak", "check_in_total", "task",
)  # fmt: skip
"""Scenes of the ledger that a cap may count."""

_METHODS = (
    "never", "days", "month_end", "quarter_end", "half_year_end", "year_end", "fixed_date",
)  # fmt: skip
_MAX_DAYS = 3660
_MAX_MONTHS = 120
_MAX_POINTS = 1_000_000_000
_MAX_CAPS = 20
_MAX_SHARED_CAPS = 4
_MAX_TIERS = 20
_MAX_NOTICES = 10
_KEYS = (
    "expiry", "expiry_of", "grace_days", "notice_days", "clawback", "caps", "tiers",
    "four_eyes_above_points", "cost_fen_per_point", "refund_ban",
)  # fmt: skip
_DEFAULTS = PointsRules()


def points_rules(node: Node, reader: Reader, *, rules: Sequence[str]) -> PointsRules:
    """`rules` are those of the programme (`main/taobao`), which caps may name."""
    if node.value is ABSENT:
        return _DEFAULTS
    of = reader.map_of(node, _KEYS)
    return PointsRules(
        expiry=_DEFAULTS.expiry if _absent(of["expiry"]) else _expiry(of["expiry"], reader),
        expiry_of=_expiry_of(of["expiry_of"], reader),
        grace_days=whole_or(of["grace_days"], reader, 0, 366, default=_DEFAULTS.grace_days),
        notice_days=_notice_days(of["notice_days"], reader),
        clawback=_clawback(of["clawback"], reader),
        caps=_caps(of["caps"], reader, rules),
        tiers=_tiers(of["tiers"], reader),
        four_eyes_above_points=whole_or(
            of["four_eyes_above_points"], reader, 0, _MAX_POINTS,
            default=_DEFAULTS.four_eyes_above_points,
        ),
        cost_milli_fen=_cost(of["cost_fen_per_point"], reader),
        refund_ban=_refund_ban(of["refund_ban"], reader),
    )  # fmt: skip


def _absent(node: Node) -> bool:
    return node.value is ABSENT


def _expiry(node: Node, reader: Reader) -> Expiry:
    """`after` and `on` stand only where the method uses them: else the file would promise what nobody keeps."""
    of = reader.map_of(node, ("method", "after", "on"))
    method = reader.choice(of["method"], _METHODS)
    if not method:
        return _DEFAULTS.expiry  # a problem already
    after, on = 0, None
    if method == "days":
        after = reader.whole(of["after"], 1, _MAX_DAYS)
    elif method.endswith("_end"):
        after = reader.whole(of["after"], 0, _MAX_MONTHS)
    else:
        _nothing(of["after"], method, reader)
    if method == "fixed_date":
        on = date_of(of["on"], reader)
    else:
        _nothing(of["on"], method, reader)
    return Expiry(method=cast("ExpiryMethod", method), after=after, on=on)


def _nothing(node: Node, method: str, reader: Reader) -> None:
    if not _absent(node):
        reader.wrong(node, f"nothing with the method {method}")


def _expiry_of(node: Node, reader: Reader) -> dict[str, Expiry]:
    if _absent(node):
        return {}
    of = reader.map_of(node, LOT_CLASSES)
    return {name: _expiry(each, reader) for name, each in of.items() if not _absent(each)}


def _notice_days(node: Node, reader: Reader) -> tuple[int, ...]:
    if _absent(node):
        return _DEFAULTS.notice_days
    nodes = reader.items(node, at_least=0, at_most=_MAX_NOTICES)
    days = [reader.whole(each, 1, 366) for each in nodes]
    for (earlier, later), at in zip(pairwise(days), nodes[1:], strict=True):
        if later >= earlier > 0:
            reader.wrong(at, f"fewer days than the {earlier} before it")
    return tuple(days)


def _clawback(node: Node, reader: Reader) -> Clawback:
    if _absent(node):
        return _DEFAULTS.clawback
    of = reader.map_of(node, ("other_lots", "shortfall"))
    shortfall = choice_or(
        of["shortfall"], reader, ("debt", "write_off", "freeze"),
        default=_DEFAULTS.clawback.shortfall,
    )  # fmt: skip
    return Clawback(
        other_lots=flag_or(of["other_lots"], reader, default=_DEFAULTS.clawback.other_lots),
        shortfall=cast("Shortfall", shortfall),
    )


def _caps(node: Node, reader: Reader, rules: Sequence[str]) -> tuple[Cap, ...]:
    nodes = reader.items(node, at_least=0, at_most=_MAX_CAPS)
    caps = tuple(_cap(each, reader, rules) for each in nodes)
    differ_by(nodes, "cap_id", reader)
    shared = [at for at, cap in zip(nodes, caps, strict=True) if cap.per == "programme"]
    for at in shared[_MAX_SHARED_CAPS:]:
        reader.wrong(
            Node("programme", (*at.path, "per")),
            f"at most {_MAX_SHARED_CAPS} caps of the whole programme: every credit writes to each",
        )
    return caps


def _cap(node: Node, reader: Reader, rules: Sequence[str]) -> Cap:
    of = reader.map_of(node, ("cap_id", "per", "window", "points", "scenes", "rules"))
    windows = ("day", "week", "month", "year", "total")
    per = choice_or(of["per"], reader, ("member", "programme"), default="member")
    return Cap(
        cap_id=id_of(of["cap_id"], reader),
        per=cast("Literal['member', 'programme']", per),
        window=cast("CapWindow", reader.choice(of["window"], windows)),
        points=reader.whole(of["points"], 1, _MAX_POINTS),
        scenes=choices_of(of["scenes"], reader, EARNING_SCENES, "scene", at_least=1),
        rules=choices_of(of["rules"], reader, rules, "rule", at_least=1),
    )


def _tiers(node: Node, reader: Reader) -> Tiers | None:
    if _absent(node):
        return None
    of = reader.map_of(node, ("period", "downgrade", "tiers"))
    nodes = reader.items(of["tiers"], at_least=1, at_most=_MAX_TIERS)
    periods = ("lifetime", "calendar_year")
    period = choice_or(of["period"], reader, periods, default="calendar_year")
    steps = ("one_step", "by_points")
    downgrade = choice_or(of["downgrade"], reader, steps, default="one_step")
    tiers = tuple(_tier(each, reader) for each in nodes)
    differ_by(nodes, "tier", reader)
    _check_ascending(tiers, nodes, reader)
    return Tiers(
        tiers=tiers,
        period=cast("Literal['lifetime', 'calendar_year']", period),
        downgrade=cast("Downgrade", downgrade),
    )


def _tier(node: Node, reader: Reader) -> Tier:
    of = reader.map_of(node, ("tier", "from_points", "title"))
    return Tier(
        tier=id_of(of["tier"], reader),
        from_points=reader.whole(of["from_points"], 0, _MAX_POINTS),
        title="" if _absent(of["title"]) else title_of(of["title"], reader),
    )


def _check_ascending(tiers: Sequence[Tier], nodes: Sequence[Node], reader: Reader) -> None:
    for (lower, upper), at in zip(pairwise(tiers), nodes[1:], strict=True):
        if upper.from_points <= lower.from_points:
            where = Node(upper.from_points, (*at.path, "from_points"))
            reader.wrong(where, f"more points than the {lower.from_points} of the tier before it")


def _cost(node: Node, reader: Reader) -> int:
    if _absent(node):
        return _DEFAULTS.cost_milli_fen
    expected = "fen from 0 to 1000, with at most 3 decimals"
    return milli_of(node, reader, at_least=0, expected=expected)


def _refund_ban(node: Node, reader: Reader) -> RefundBan | None:
    if _absent(node):
        return None
    of = reader.map_of(node, ("window_days", "min_orders", "ratio_percent", "ban_days"))
    return RefundBan(
        window_days=reader.whole(of["window_days"], 1, 366),
        min_orders=reader.whole(of["min_orders"], 1, 10_000),
        ratio_percent=reader.whole(of["ratio_percent"], 1, 100),
        ban_days=reader.whole(of["ban_days"], 1, _MAX_DAYS),
    )
