"""Terms as they lie in the item of an owned order; what has its default is not stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huixue.kernel.calendar import from_text, to_text
from huixue.kernel.terms import CampaignTerms, Terms


def terms_map(terms: Terms) -> dict[str, object]:
    said = {
        name: getattr(terms, name)
        for name, field in Terms.__dataclass_fields__.items()
        if getattr(terms, name) not in (None, field.default)
    }
    listed: dict[str, object] = {
        "credited_types": list(terms.credited_types),
        "campaigns": [_campaign_map(each) for each in terms.campaigns],
    }
    return said | {name: values for name, values in listed.items() if values}


def terms_from(content: Mapping[str, Any]) -> Terms:
    listed = {
        "credited_types": tuple(content.get("credited_types", ())),
        "campaigns": tuple(_campaign_from(each) for each in content.get("campaigns", ())),
    }
    return Terms(**{"level": None, **content, **listed})


def _campaign_map(campaign: CampaignTerms) -> dict[str, object]:
    return {
        "campaign_id": campaign.campaign_id, "kind": campaign.kind, "value": campaign.value,
        "starts_at": short_text(campaign.starts_at), "ends_at": short_text(campaign.ends_at),
    }  # fmt: skip


def _campaign_from(content: Mapping[str, Any]) -> CampaignTerms:
    times = {name: from_text(content[name]) for name in ("starts_at", "ends_at")}
    return CampaignTerms(**{**content, **times})


def short_text(instant: datetime | None) -> str | None:
    """Whole seconds without their fraction: for times that are read back and never sorted as text."""
    return None if instant is None else to_text(instant).replace(".000000Z", "Z")
