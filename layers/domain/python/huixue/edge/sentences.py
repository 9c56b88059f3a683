"""What members read when something is refused: one sentence per code, Chinese first, English on request."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    "BODY_MALFORMED": ("提交的内容无法识别，请重试", "The body is not valid JSON."),
    "FIELDS_INVALID": ("提交的内容有误，请检查后重试", "Some fields are missing or not valid."),
    "BODY_TOO_LARGE": ("提交的内容太大了", "The body is larger than 256 KB."),
    "BODY_NOT_JSON": ("提交的内容格式不受支持", "Send the body as application/json."),
    "UNAUTHENTICATED": ("登录已失效，请重新登录", "Sign in again."),
    "LOGIN_CODE_INVALID": (
        "登录凭证无效，请重新登录",
        "The login code is not valid: call wx.login again.",
    ),
    "LOGIN_BLOCKED": ("微信暂时限制了这个账号登录", "WeChat blocks this user at the moment."),
    "FORBIDDEN": ("没有权限", "This is not allowed."),
    "NOT_FOUND": ("没有找到", "There is nothing here."),
    "PROGRAMME_NOT_FOUND": ("没有找到这个会员中心", "There is no such programme."),
    "SEASON_NOT_FOUND": ("这里还没有发布内容", "Nothing was published here yet."),
    "ROUTE_NOT_FOUND": ("没有这个接口", "There is no such route."),
    "IDEMPOTENCY_MISMATCH": (
        "之前用不同的内容提交过，请核对",
        "This was sent before with another content.",
    ),
    "PLATFORM_NOT_OFFERED": (
        "这个会员中心还不支持该平台的订单",
        "This programme does not take orders of that platform.",
    ),
    "ORDER_NUMBER_FORMAT": (
        "订单编号格式不对，请从订单详情里复制",
        "That is not how the platform writes order numbers.",
    ),
    "MAKE_UP_NOT_ALLOWED": ("这一天不能补签", "That day cannot be made up for."),
    "NOT_APPEALABLE": (
        "这个订单已在处理或已积分，不需要申诉",
        "This claim is not waiting and was not rejected: there is nothing to appeal against.",
    ),
    "NOT_FROZEN": ("你的兑换没有被暂停", "Your redemptions are not stopped."),
    "INSUFFICIENT_POINTS": ("积分不够", "There are not enough points for this."),
    "IN_DEBT": (
        "还有欠积分，补上之后才能兑换",
        "Repay the points you owe first: new points do so.",
    ),
    "ACCOUNT_FROZEN": (
        "积分兑换已暂停，请联系客服",
        "Redemptions are stopped for now: ask our support.",
    ),
    "HOLD_RESOLVED": ("这笔冻结的积分已经处理过了", "The hold was resolved before."),
    "TOO_MANY_HOLDS": ("冻结中的积分笔数太多", "Too many holds are open."),
    "CONSENT_REQUIRED": (
        "需要你先同意我们记录这项信息",
        "Your consent is needed first: send it with the field.",
    ),
    "CURSOR_INVALID": (
        "翻页失败，请从头查看",
        "The cursor is not valid: start from the first page.",
    ),
    "TOO_MANY_TRIES": ("尝试次数太多，请稍后再来", "Too many tries: come back later."),
    "UNAVAILABLE": ("服务繁忙，请稍后重试", "Try again in a moment."),
    "CONTENTION": ("服务繁忙，请稍后重试", "Try again in a moment."),
    "MISCONFIGURED": ("服务暂不可用，请稍后重试", "The service is not available at the moment."),
    "INTERNAL": ("服务出错了，请稍后重试", "Something went wrong on our side."),
}
FIELD_SENTENCES: Mapping[str, tuple[str, str]] = {
    "REQUIRED": ("缺少这一项", "is missing"),
    "INVALID": ("这一项不正确", "is not valid"),
}


def sentence(code: str, *, english: bool) -> str:
    return SENTENCES.get(code, SENTENCES["INTERNAL"])[1 if english else 0]


def field_sentence(code: str, *, english: bool) -> str:
    return FIELD_SENTENCES[code][1 if english else 0]


REASONS: Mapping[str, tuple[str, str]] = {
    "NOT_IN_POOL": (
        "一直没有找到这个订单，请核对订单编号",
        "This order was not found in time: check its number.",
    ),
    "OUT_OF_WINDOW": ("订单付款时间超出了可积分的期限", "The order was paid too long ago."),
    "NOT_OUR_ROOM": (
        "这个订单不是在我们的直播间下单的",
        "The order was not placed in one of our rooms.",
    ),
    "CLOSED": ("订单没有付款就关闭了", "The order was closed before it was paid."),
    "REFUNDED": ("订单已全额退款，没有可积分的金额", "The order was refunded in full."),
    "EXCLUDED_TYPE": ("这类订单不参加积分", "Orders of this kind bring no points."),
    "RATE_CAPPED": ("积分已达到上限", "The points limit is reached."),
    "OWNED_BY_OTHER": (
        "这个订单已被其他会员领取，请联系客服",
        "Another member has this order: ask our support.",
    ),
    "ACCOUNT_BOUND_ELSEWHERE": (
        "这个账号已绑定其他会员，请联系客服",
        "This account belongs to another member: ask our support.",
    ),
    "PROOF_FAILED": (
        "账号、订单编号或实付金额不匹配，或订单还没有确认收货",
        "Account, order number and amount do not match a confirmed order.",
    ),
}
"""Why an order or a sync brings nothing; what an operator can do about each is in README.md."""


def reason_sentence(reason: str | None, *, english: bool) -> str | None:
    return REASONS[reason][1 if english else 0] if reason is not None else None


FROZEN: Mapping[str, tuple[str, str]] = {
    "audit": (
        "积分账目正在核对，暂时不能兑换",
        "Your points are being checked; nothing can be redeemed until that is done.",
    ),
    "debt": (
        "有退款的积分还没有扣回，暂时不能兑换",
        "Points of refunded orders are still owed; nothing can be redeemed for now.",
    ),
    "refunds": (
        "近期退款较多，暂时不能兑换",
        "Too many of your orders were refunded; nothing can be redeemed for now.",
    ),
    "operator": (
        "客服暂停了你的兑换，如有疑问可以申诉",
        "Our support has stopped your redemptions.",
    ),
}
"""Why redemptions are stopped, by `points.model.FrozenReason`."""


def frozen_sentence(reason: str, *, english: bool) -> str:
    return FROZEN[reason][1 if english else 0]


RESETS: Mapping[str, tuple[str, str]] = {
    "missed": (
        "这一天没有签到，连续天数从后一天重新算起",
        "There was no check-in on this day: the streak begins after it.",
    ),
    "new_cycle": (
        "新的签到周期从这一天开始，连续天数重新算起",
        "A new cycle began with this day, and the streak with it.",
    ),
}
"""Why a streak is not longer, by `check_ins.streaks.ResetReason`."""


def reset_sentence(reason: str, *, english: bool) -> str:
    return RESETS[reason][1 if english else 0]


MAKE_UP: Mapping[str, tuple[str, str]] = {
    "future": ("还没到这一天，不能提前签到", "That day is still to come."),
    "today": ("今天直接签到就可以，不用补签", "Check in for today instead."),
    "before_joining": ("这一天你还没有加入，不能补签", "You had not joined yet on that day."),
    "too_long_ago": ("这一天已超过可以补签的期限", "That day is too long ago to be made up for."),
    "month_limit": (
        "这个月的补签次数已用完",
        "You have made up for as many days of that month as one may.",
    ),
    "no_make_up": ("这一天不支持补签", "That day cannot be made up for."),
}
"""Why a day cannot be made up for, by `check_ins.marking.Why`."""


def make_up_sentence(why: str, *, english: bool) -> str:
    return MAKE_UP[why][1 if english else 0]
