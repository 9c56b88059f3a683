"""What Taobao's gateway answers instead of data.

Source: open.taobao.com, "公共错误码", and the error table of `taobao.tbk.order.details.get`.
"""

from __future__ import annotations

from infra.sandbox.taobao_rows import Row

_BAN_S = 5
_GATEWAY_ERRORS = {
    7: ("App Call Limited", "accesscontrol.limited-by-api-access-count"),
    9: ("Http action not allowed", "isv.http-action-not-allowed"),
    10: ("Service Currently Unavailable", "isp.service-unavailable"),
    11: ("Insufficient ISV Permissions", "isv.permission-api-package-limit"),
    15: ("Remote service error", "isp.pubrpt-service-unavailable"),
    21: ("Missing Method", "isv.missing-method"),
    22: ("Invalid Method", "isv.invalid-method"),
    23: ("Invalid Format", "isv.invalid-format"),
    24: ("Missing signature", "isv.missing-signature"),
    25: ("Invalid signature", "isv.invalid-signature"),
    26: ("Missing session", "isv.missing-session"),
    27: ("Invalid session", "isv.invalid-session"),
    28: ("Missing App Key", "isv.missing-app-key"),
    29: ("Invalid App Key", "isv.appkey-not-exists"),
    30: ("Missing Timestamp", "isv.missing-timestamp"),
    31: ("Invalid Timestamp", "isv.invalid-timestamp"),
    32: ("Missing Version", "isv.missing-version"),
    33: ("Invalid Version", "isv.invalid-version"),
    40: ("Missing Required Arguments", "isv.missing-parameter"),
    41: ("Invalid Arguments", "isv.invalid-parameter"),
}
_API_TEXTS = {
    1001: "参数错误",
    1005: "jumpType错误",
    1006: "tkStatus错误",
    1008: "positionIndex错误",
    2000: "时间格式错误",
    2001: "开始时间大于等于结束时间",
    2002: "开始时间大于当前时间",
    2004: "开始时间早于90天",
    2007: "查询时间跨度过长",
    3000: "限流，请次日重试",
    3001: "系统繁忙，请重试",
    9100: "账号限流",
}


class TopError(Exception):
    """One `error_response`."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail

    def fields(self) -> Row:
        if self.code >= 1000:
            return {"code": 15, "msg": "Remote service error", "sub_code": str(self.code)} | {
                "sub_msg": _API_TEXTS.get(self.code, "错误")
            }
        text, sub_code = _GATEWAY_ERRORS.get(self.code, ("Error", "isv.error"))
        sub_msg = f"This ban will last for {_BAN_S} more seconds" if self.code == 7 else self.detail
        fields: Row = {"code": self.code, "msg": text, "sub_code": sub_code}
        return fields | ({"sub_msg": sub_msg} if sub_msg else {})
