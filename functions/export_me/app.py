"""HTTP: all that is known of the member, to be kept as a file."""

from __future__ import annotations

from msgspec.structs import replace

from huixue.edge.api import Answer, http_entry
from huixue.edge.exporting import export, export_desk
from huixue.edge.requests import Request, cursor_of
from huixue.edge.sessions import session_of

FILE = {"content-disposition": 'attachment; filename="huixue-export.json"'}


def answer(request: Request) -> Answer:
    session, english = session_of(request), request.wants_english
    made, more_at = export(session, start=request.cursor(), english=english, desk=export_desk())
    return Answer(status=200, body=replace(made, next_cursor=cursor_of(more_at)), headers=FILE)


handler = http_entry(answer)
