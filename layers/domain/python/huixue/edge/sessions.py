"""Whose request it is. A room of its own, so that routes without a session never load AWS clients."""

from __future__ import annotations

from huixue.edge.clients import session_keys
from huixue.edge.requests import Request
from huixue.edge.session_tokens import Session, UnauthenticatedError, verified
from huixue.kernel.calendar import SystemClock


def session_of(request: Request) -> Session:
    """The session of the request's bearer token. Raises UnauthenticatedError; asked before anything else."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnauthenticatedError("no bearer token")
    return verified(token.strip(), keys=session_keys(), now=SystemClock().now())
