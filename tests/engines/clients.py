"""Low-level botocore clients for tests: made-up credentials, a fixed region, nothing from this machine."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.loaders import create_loader
from botocore.session import Session

REGION = "ap-east-1"
ACCESS_KEY_ID = "testing"
SECRET_ACCESS_KEY = "testing"


@cache
def _descriptions() -> Any:
    """What botocore knows of the services, parsed once: a tenth of a second for each client otherwise."""
    return create_loader()


def make_client(service: str, endpoint_url: str | None = None) -> Any:
    """A client of `service`; without an address it is only good inside moto's `mock_aws`.

    The return type is open because botocore makes its clients at run time.
    """
    config = Config(
        connect_timeout=2,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 3},
        # moto and ministack take the newer checksum trailers, older engines do not
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    session = Session()
    session.register_component("data_loader", _descriptions())
    return session.create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint_url,
        config=config,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
    )
