"""One export file and where its orders belong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from huixue.kernel.calendar import to_text
from huixue.kernel.ids import derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file and where its orders belong. `exported_at` None: the platform's export time is not known."""

    file: Path
    platform: str
    programme_id: str
    room_id: str
    exported_at: datetime | None

    def import_id(self) -> str:
        """From the bytes and the options: the same file to the same room is the same import."""
        with self.file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        said = to_text(self.exported_at) if self.exported_at else ""
        return derived_id("imp", digest, self.platform, self.programme_id, self.room_id, said)
