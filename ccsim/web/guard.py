"""What stands before every request: who may come in, from where, with how much, and what a browser may do with the answer.

A page on this machine is within reach of every website that is open in the same browser; so names of hosts and origins are checked
even on the loopback. Beyond it nobody comes in without the token.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from ccsim.web.refusals import LOG
from ccsim.web.workspace import LARGEST_RECORDS, LARGEST_UPLOAD

LARGEST_BODY: Final = LARGEST_UPLOAD + 100_000  # bytes: a file and what a form puts around it
LARGER: Final = {"/records/drop": LARGEST_RECORDS + 100_000}  # where more may come in
TOO_LARGE: Final = f"The page takes files up to {LARGEST_UPLOAD / 1e6:g} MB. For call records go to Records."
RECORDS_TOO_LARGE: Final = (
    f"The page takes records up to {LARGEST_RECORDS / 1e6:g} MB. Put the file into the folder by hand, or save it as parquet, "
    "which is smaller."
)
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
SEAT, TOKEN, KEEPER = "ccsim_seat", "ccsim_token", "ccsim_keeper"
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'self'; "
    "object-src 'none'"
)
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def new_key() -> str:
    """A key that nobody guesses."""
    return os.urandom(16).hex()


class Guard:
    """An ASGI app around another one. `hosts` are the names that the page answers to, any where there are none; `token` "" lets
    everybody on this machine in."""

    def __init__(self, app: App, hosts: frozenset[str], token: str, keeper: str) -> None:
        self.app, self.hosts, self.token, self.keeper = app, hosts, token, keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to the app, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        cookies = _cookies(headers.get("cookie", ""))
        refusal = self._refusal(scope, headers, cookies)
        if refusal is not None:
            await _refuse(scope, send, *refusal)
            return
        if scope["type"] == "http":
            key = await self._taken_from_address(scope, send)
            if key:
                return
        seat = cookies.get(SEAT, "")
        fresh = not (len(seat) == 32 and seat.isalnum())
        seat = new_key() if fresh else seat
        scope["ccsim.seat"] = hashlib.sha256(seat.encode()).hexdigest()[:16]
        scope["ccsim.keeper"] = _same(cookies.get(KEEPER, ""), self.keeper)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message.get("headers", [])}
                extra = [*_HEADERS]
                if b"content-security-policy" not in names:
                    extra.append((b"content-security-policy", _POLICY.encode()))
                if fresh:
                    extra.append((b"set-cookie", _cookie(SEAT, seat)))
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            body = await _whole(receive, _largest(scope))
            if body is None:
                await _refuse(scope, send, 413, _too_large(scope))
                return
            receive = _again(body, receive)
        await self.app(scope, receive, answer)

    def _refusal(self, scope: Scope, headers: dict[str, str], cookies: dict[str, str]) -> tuple[int, str] | None:
        """Status and sentence for a request that is not let through."""
        host = headers.get("host", "")
        if self.hosts and _name_of(host) not in self.hosts:
            return 403, "This page is not called by that name; use the address that `ccsim web` printed."
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return 403, "Another website asked for this; open the page itself."
        if self.token and not _same(cookies.get(TOKEN, ""), self.token) and not _same(_query(scope).get("token", ""), self.token):
            return 401, "This page needs its token: use the whole address that `ccsim web` printed."
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 12) or int(length) > _largest(scope):
            return 413, _too_large(scope)
        return None

    async def _taken_from_address(self, scope: Scope, send: Send) -> bool:
        """Put a key that stands in the address into a cookie, and send the browser to the address without it."""
        told = _query(scope)
        cookies = [
            _cookie(name, told[query])
            for query, name, key in (("token", TOKEN, self.token), ("keeper", KEEPER, self.keeper))
            if key and _same(told.get(query, ""), key)
        ]
        if not cookies or scope["method"] != "GET":
            return False
        rest = urlencode([(name, value) for name, value in told.items() if name not in ("token", "keeper")])
        place = "/" + scope["path"].lstrip("/\\") + (f"?{rest}" if rest else "")
        headers = [
            (b"location", place.encode("ascii", "replace")),
            (b"cache-control", b"no-store"),
            *((b"set-cookie", one) for one in cookies),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True


def _largest(scope: Scope) -> int:
    """Bytes that a request's body may have."""
    return LARGER.get(str(scope["path"]), LARGEST_BODY)


def _too_large(scope: Scope) -> str:
    """What somebody is told whose request is larger."""
    return f"That is too large. {RECORDS_TOO_LARGE if scope['path'] in LARGER else TOO_LARGE}"


async def _whole(receive: Receive, largest: int) -> bytes | None:
    """The body of a request; None where it is larger than any upload may be, or breaks off. No more than that is ever held."""
    parts, seen = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        seen += len(parts[-1])
        if seen > largest:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A stream that brings a body that was read already, and then what still comes."""
    brought = False

    async def bring() -> Message:
        nonlocal brought
        if brought:
            return await receive()
        brought = True
        return {"type": "http.request", "body": body, "more_body": False}

    return bring


async def _refuse(scope: Scope, send: Send, status: int, sentence: str) -> None:
    client = (scope.get("client") or ("?",))[0]
    LOG.warning(
        "refused: %s %s from %s (%d): %s", scope["type"], scope["path"][:200].encode("unicode_escape").decode(), client, status, sentence
    )
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{sentence}\n".encode()})


def _same(given: str, key: str) -> bool:
    return bool(key) and hmac.compare_digest(given.encode(), key.encode())


def _name_of(host: str) -> str:
    """The name in a `Host` header, without the port."""
    return (host.partition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]).lower()


def _query(scope: Scope) -> dict[str, str]:
    try:
        return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), max_num_fields=20))
    except ValueError:
        return {}


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _cookie(name: str, value: str) -> bytes:
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000".encode()
