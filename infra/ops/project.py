"""Where things lie in the checkout, and the version of Lambda that the template names."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DATA_TEMPLATE = CHECKOUT / "infra" / "data.yaml"
MAIN_TEMPLATE = CHECKOUT / "template.yaml"
OBSERVABILITY_TEMPLATE = CHECKOUT / "infra" / "observability.yaml"
VENDOR_REQUIREMENTS = CHECKOUT / "layers" / "vendor" / "requirements.txt"
BUILD_FOLDER = CHECKOUT / "build"

LAMBDA_PYTHON = "3.13"
"""The interpreter of `Runtime: python3.13` in template.yaml."""


def state_folder() -> Path:
    """What the local engine keeps: `.huixue/` of the checkout, or HUIXUE_STATE_DIR (a trial of its own)."""
    return Path(os.environ.get("HUIXUE_STATE_DIR") or CHECKOUT / ".huixue")
