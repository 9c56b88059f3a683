"""The composition root of what members see of a season, and the address of its public calendar."""

from __future__ import annotations

import base64
import hmac
from functools import cache

from huixue.edge import bootstrap, clients
from huixue.edge.settings import settings
from huixue.kernel.errors import NotFoundError
from huixue.kernel.ids import KeyedHash
from huixue.seasons.model import SeasonNotFoundError
from huixue.seasons.store import DynamoDbSeasons
from huixue.seasons.use_cases import CachedSeasons

_DIGEST_CHARS = 26  # 130 bits in base32


@cache
def seasons() -> CachedSeasons:
    table = settings().need("seasons_table_name").seasons_table_name
    return CachedSeasons(DynamoDbSeasons(bootstrap.database(), table), bootstrap.clock())


def feed_key(programme_id: str, generation: int) -> str:
    """`{programme}.{digest}`: what the address of the programme's public calendar ends in. It cannot be guessed and
    stays the same until the season file names another generation."""
    return keyed_feed(clients.keyed_hash(), programme_id, generation)


def keyed_feed(keyed_hash: KeyedHash, programme_id: str, generation: int) -> str:
    """`feed_key` with a key at hand, for commands."""
    message = f"feed|{programme_id}|{generation}".encode()
    digest = hmac.digest(keyed_hash.key, message, "sha256")
    return f"{programme_id}.{base64.b32encode(digest).decode().lower()[:_DIGEST_CHARS]}"


def programme_of_feed(key: str) -> str:
    """The programme a feed key is of. Raises NotFoundError for every other text, compared in constant time."""
    programme_id = key.partition(".")[0]
    try:
        edition = seasons().edition(programme_id)
    except SeasonNotFoundError as missing:
        raise NotFoundError("there is no such calendar") from missing
    right = feed_key(programme_id, edition.feed_generation)
    if not hmac.compare_digest(right.encode(), key.encode("utf-8", "surrogatepass")):
        raise NotFoundError("there is no such calendar")
    return programme_id
