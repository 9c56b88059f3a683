"""What a new version of a programme changes in its points and campaigns, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from huixue.kernel.calendar import expires_on
from huixue.kernel.policies import Cap, Clawback, Expiry, RefundBan, Tiers
from huixue.programme.model import Campaign, PointsRules, Programme

_EARNED = " (points earned from now on)"
_SOONER = "; some points will end sooner than members were told"
_ENDS = {
    "month_end": "month", "quarter_end": "quarter", "half_year_end": "half-year", "year_end": "year",
}  # fmt: skip
_SHORTFALLS = {
    "debt": "a debt that new points repay",
    "write_off": "written off as a loss",
    "freeze": "a debt, and redemptions stay frozen until an operator lifts it",
}


def points(before: Programme | None, after: Programme, today: date) -> Iterator[str]:
    """A new programme is compared with the defaults."""
    old, new = (before.points if before else PointsRules()), after.points
    yield from _expiries(old, new, today)
    yield from _changed("days of grace for what comes back", old.grace_days, new.grace_days)
    yield from _changed(
        "notices before points end, in days", _days(old.notice_days), _days(new.notice_days)
    )
    yield from _changed("points to be taken back", _clawback(old.clawback), _clawback(new.clawback))
    yield from _caps(old.caps, new.caps)
    yield from _tiers(old.tiers, new.tiers)
    yield from _changed(
        "a second operator is needed above points",
        old.four_eyes_above_points,
        new.four_eyes_above_points,
    )
    yield from _changed("fen a point costs", _milli(old.cost_milli_fen), _milli(new.cost_milli_fen))
    yield from _ban(old.refund_ban, new.refund_ban)


def _expiries(old: PointsRules, new: PointsRules, today: date) -> Iterator[str]:
    told = _changed("points end", _when(old.expiry), _when(new.expiry))
    yield from _with_warnings(told, "points end", old.expiry, new.expiry, today)
    for name in sorted({*old.expiry_of, *new.expiry_of}):
        what = f"points of class {name} end"
        told = _changed(what, _when_of(name, old), _when_of(name, new))
        was, will = old.expiry_of.get(name, old.expiry), new.expiry_of.get(name, new.expiry)
        yield from _with_warnings(told, what, was, will, today)


def _with_warnings(
    sentences: Iterator[str], what: str, before: Expiry, after: Expiry, today: date
) -> Iterator[str]:
    for sentence in sentences:
        yield f"{sentence}{_EARNED}{_SOONER if _may_end_sooner(before, after, today) else ''}"
        if after.on is not None and after.on < today:
            yield f"{what} on a day that has passed: what is earned is gone at once"


def _may_end_sooner(before: Expiry, after: Expiry, today: date) -> bool:
    """Looked up for every day of accrual of a year and a leap day, because methods differ by the day."""
    days = [today + timedelta(days=number) for number in range(366)]
    ends = [
        (expires_on(day, before) or date.max, expires_on(day, after) or date.max) for day in days
    ]
    return any(sooner < later for later, sooner in ends)


def _when(expiry: Expiry) -> str:
    if expiry.method == "never":
        return "never"
    if expiry.method == "fixed_date":
        return f"on {expiry.on}"
    if expiry.method == "days":
        return f"after {expiry.after} days"
    return f"at the end of the {_ENDS[expiry.method]} {expiry.after} months later"


def _when_of(name: str, rules: PointsRules) -> str:
    if name in rules.expiry_of:
        return _when(rules.expiry_of[name])
    return f"like all others ({_when(rules.expiry)})"


def _clawback(clawback: Clawback) -> str:
    others = ", then from others" if clawback.other_lots else " alone"
    return (
        f"from the order's own points{others}; what is missing is {_SHORTFALLS[clawback.shortfall]}"
    )


def _caps(before: tuple[Cap, ...], after: tuple[Cap, ...]) -> Iterator[str]:
    old = {each.cap_id: _cap(each) for each in before}
    new = {each.cap_id: _cap(each) for each in after}
    yield from _came_and_went("cap", old, new)


def _cap(cap: Cap) -> str:
    window = "in all" if cap.window == "total" else f"a {cap.window}"
    whose = "each member" if cap.per == "member" else "the whole programme"
    only = [*cap.scenes, *cap.rules]
    return f"{cap.points} points {window} for {whose}{' by ' + ', '.join(only) if only else ''}"


def _tiers(before: Tiers | None, after: Tiers | None) -> Iterator[str]:
    old = {each.tier: each.from_points for each in before.tiers} if before else {}
    new = {each.tier: each.from_points for each in after.tiers} if after else {}
    yield from _changed("tiers are counted", _counting(before), _counting(after))
    for tier, from_points in new.items():
        if tier not in old:
            yield f"tier {tier} is new: from {from_points} points"
        elif from_points > old[tier]:
            yield f"tier {tier} from {old[tier]} → {from_points} points: members below may lose it"
        elif from_points < old[tier]:
            yield f"tier {tier} from {old[tier]} → {from_points} points"
    for tier in old:
        if tier not in new:
            yield f"tier {tier} is gone: members lose it"
    yield from _titles(before, after)
    kept = [each for each in old if each in new]
    if kept != [each for each in new if each in old]:
        yield f"the order of tiers is {', '.join(new)}"


def _titles(before: Tiers | None, after: Tiers | None) -> Iterator[str]:
    old = {each.tier: each.title for each in before.tiers} if before else {}
    for each in after.tiers if after else ():
        if each.title != old.get(each.tier, ""):
            yield f"members read {each.title or each.tier} for the tier {each.tier}"


def _counting(tiers: Tiers | None) -> str:
    if tiers is None:
        return "not at all"
    period = "over all time" if tiers.period == "lifetime" else "by calendar year"
    falls = "one step" if tiers.downgrade == "one_step" else "to what the points say"
    return f"{period}, falling {falls}"


def _ban(before: RefundBan | None, after: RefundBan | None) -> Iterator[str]:
    yield from _changed("ban for refunds", _ban_text(before), _ban_text(after))


def _ban_text(ban: RefundBan | None) -> str:
    if ban is None:
        return "none"
    return (
        f"{ban.ban_days} days from {ban.ratio_percent} % refunded of {ban.min_orders} or more orders "
        f"in {ban.window_days} days"
    )


def campaigns(before: Programme | None, after: Programme) -> Iterator[str]:
    old = {each.campaign_id: each for each in before.campaigns} if before else {}
    new = {each.campaign_id: each for each in after.campaigns}
    zone = after.zone_info()
    yield from _came_and_went(
        "campaign",
        {name: _campaign(each, zone) for name, each in old.items()},
        {name: _campaign(each, zone) for name, each in new.items()},
        changed=" (orders claimed from now on, whenever paid)",
        gone=": orders paid during it and claimed from now on get nothing extra",
    )
    for name, each in new.items():
        if name in old and old[name].title != each.title:
            yield f"campaign {name}: title {old[name].title} → {each.title}"
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield f"campaigns are applied in the order {', '.join(new)}"


def _campaign(campaign: Campaign, zone: ZoneInfo) -> str:
    value = {
        "multiply": f"{campaign.value} % of the points",
        "add": f"{campaign.value} percentage points more",
        "fixed": f"{campaign.value} points more",
    }[campaign.kind]
    where = " on ".join(", ".join(each) for each in (campaign.rooms, campaign.platforms) if each)
    period = f"{_local(campaign.starts_at, zone)} to {_local(campaign.ends_at, zone)}"
    return f"{value}, paid from {period}, {where or 'all rooms'}"


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")


def _came_and_went(
    what: str, old: Mapping[str, str], new: Mapping[str, str], *, changed: str = "", gone: str = ""
) -> Iterator[str]:
    for name, text in new.items():
        if name not in old:
            yield f"{what} {name} is new: {text}"
        elif text != old[name]:
            yield f"{what} {name}: {old[name]} → {text}{changed}"
    for name in old:
        if name not in new:
            yield f"{what} {name} is gone{gone}"


def _days(days: tuple[int, ...]) -> str:
    return ", ".join(map(str, days)) or "none"


def _milli(milli: int) -> str:
    return f"{(Decimal(milli) / 1000).normalize():f}"


def _changed(what: str, before: object, after: object) -> Iterator[str]:
    if before != after:
        yield f"{what} {before} → {after}"
