"""XML of a workbook as events, in bounded memory: no document types, no endless tokens, no tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Protocol
from xml.parsers import expat

READ_BYTES = 1 << 16
MAX_TOKEN_BYTES = 4 << 20
"""Above any tag or text a spreadsheet writes; the parser would hold more in memory."""


class DamagedXmlError(ValueError):
    """The part is no XML a spreadsheet writes; the message says why and holds no values."""


class Handler(Protocol):
    """Element names come without prefixes, so it does not matter which ones a writer chose."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


def fed(part: IO[bytes], handler: Handler) -> Iterator[None]:
    """Feeds the part to the handler, a block between two yields. Raises DamagedXmlError.

    Errors of the handler pass through.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = READ_BYTES
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, found: handler.start(name.rpartition(":")[2], found)
    parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    fed_bytes = 0
    try:
        while block := part.read(READ_BYTES):
            fed_bytes += len(block)
            parser.Parse(block, False)
            if fed_bytes - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                raise DamagedXmlError("a token without an end")
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DamagedXmlError("no well-formed XML") from error
    yield


def _refuse_doctype(*_: object) -> None:
    raise DamagedXmlError("an XML document type, which no spreadsheet writes")


def read_whole(part: IO[bytes], handler: Handler) -> None:
    for _ in fed(part, handler):
        pass
