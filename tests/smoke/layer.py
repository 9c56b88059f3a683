"""The two layers as folders, as Lambda lays them out; the vendor layer is the real, trimmed build for this machine."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from infra.ops import packaging, vendor_layer
from infra.ops.project import BUILD_FOLDER, VENDOR_REQUIREMENTS
from tests.engines.cloudformation import REPOSITORY

DOMAIN = REPOSITORY / "layers" / "domain" / "python"


def unpacked_vendor_layer(folder: Path) -> Path:
    """Built on first use (some seconds, needs the package index), then kept in build/; returns its import path."""
    archive = vendor_layer.build(
        VENDOR_REQUIREMENTS,
        vendor_layer.local_target(),
        packaging.this_interpreter(),
        BUILD_FOLDER,
    )
    with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
        packed.extractall(folder)
    return folder / "python"
