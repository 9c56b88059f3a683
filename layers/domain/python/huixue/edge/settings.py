"""The deployment's settings: one frozen object, read from the environment on first use, never at import.

Every field's name in capitals is the variable's name in `template.yaml`. A function asks for what it needs and
learns of everything that is missing at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from huixue.kernel.errors import MisconfiguredError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    stage: str = ""
    members_table_name: str = ""
    programmes_table_name: str = ""
    orders_table_name: str = ""
    points_table_name: str = ""
    seasons_table_name: str = ""
    imports_bucket_name: str = ""
    claims_to_match_queue_url: str = ""
    points_credit_queue_url: str = ""
    order_syncs_queue_url: str = ""
    imports_queue_url: str = ""
    import_chunks_queue_url: str = ""
    points_expiry_queue_url: str = ""
    ledger_audit_queue_url: str = ""
    tasks_to_reward_queue_url: str = ""
    erasures_queue_url: str = ""
    order_hash_key_secret_id: str = ""
    session_keys_secret_id: str = ""
    platform_credentials_secret_id: str = ""
    default_programme_id: str = ""
    wechat_endpoint: str = ""
    taobao_endpoint: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        values = {field.name: environment.get(field.name.upper(), "") for field in fields(cls)}
        return cls(**values)

    def need(self, *names: str) -> Settings:
        """Itself. Raises MisconfiguredError naming every one of `names` that is not set."""
        missing = [name.upper() for name in names if not getattr(self, name)]
        if missing:
            raise MisconfiguredError(f"not set in the environment: {', '.join(missing)}")
        return self


@cache
def settings() -> Settings:
    return Settings.read(os.environ)
