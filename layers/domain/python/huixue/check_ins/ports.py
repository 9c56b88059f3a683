"""What the room of check-ins needs from outside."""

from __future__ import annotations

from typing import Protocol

from huixue.kernel.check_ins import CheckInRules
from huixue.kernel.errors import RuleError


class RulesChangedError(RuleError):
    """Somebody else published rules, or declared an outage, at the same moment; nothing was written."""

    code = "CHECK_IN_RULES_CHANGED"


class CheckInRuleStore(Protocol):
    def rules(self, programme_id: str, *, consistent: bool = False) -> CheckInRules:
        """Empty ones of revision 0 where nothing was published. `consistent` for whoever will write."""
        ...

    def write(self, rules: CheckInRules, read_revision: int) -> None:
        """The rules as revision `read_revision + 1`, whatever revision they name. May be repeated. Raises
        RulesChangedError where another revision than the read one is there, and then wrote nothing."""
        ...
