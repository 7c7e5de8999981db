"""Who may come in: this machine alone unless told, with the token beyond it, from no other website, and with nothing too large."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ccsim.web.guard import KEEPER, LARGEST_BODY, LOOPBACK, SEAT, TOKEN, Guard
from ccsim.web.serve import is_loopback

HERE = "127.0.0.1:8080"
KEY, KEEPERS = "t" * 32, "k" * 32


class Seen:
    """What came of a request: whether the app was asked, and what was sent back."""

    def __init__(self) -> None:
        self.scope: MutableMapping[str, Any] | None = None
        self.sent: list[MutableMapping[str, Any]] = []
        self.read = 0

    @property
    def status(self) -> int:
        return next((message["status"] for message in self.sent if message["type"] == "http.response.start"), 0)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name.decode(), value.decode()) for message in self.sent for name, value in message.get("headers", [])]


def ask(path: str = "/", query: str = "", token: str = "", kind: str = "http", method: str = "GET", body: int = 0, **headers: str) -> Seen:
    """A request to a guarded app that reads the whole body and answers 200."""
    seen = Seen()

    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        seen.scope = scope
        if kind == "websocket":
            await send({"type": "websocket.accept"})
            return
        while True:
            message = await receive()
            seen.read += len(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"fine"})

    left = [body]

    async def receive() -> dict[str, Any]:
        part = min(left[0], 65_536)
        left[0] -= part
        return {"type": "http.request", "body": bytes(part), "more_body": left[0] > 0}

    async def send(message: MutableMapping[str, Any]) -> None:
        seen.sent.append(message)

    told = {"host": HERE, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": kind, "path": path, "query_string": query.encode(), "method": method, "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
    }  # fmt: skip
    guard = Guard(app, frozenset() if token else frozenset(LOOPBACK), token, KEEPERS)
    with ThreadPoolExecutor(1) as apart:  # a browser that another test has open keeps a loop running in this thread
        apart.submit(asyncio.run, guard(scope, receive, send)).result()
    return seen


def test_this_machine_comes_in_and_gets_a_seat_of_its_own() -> None:
    seen = ask()
    assert seen.status == 200
    cookie = dict(seen.headers)["set-cookie"]
    assert cookie.startswith(f"{SEAT}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    again = ask(cookie=cookie.partition(";")[0])
    assert seen.scope is not None
    assert again.scope is not None
    assert again.scope["ccsim.seat"] == seen.scope["ccsim.seat"]
    assert ask().scope["ccsim.seat"] != seen.scope["ccsim.seat"]  # type: ignore[index]


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_other_names_and_other_websites_are_refused(kind: str) -> None:
    for headers in (
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8080"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ):
        seen = ask(kind=kind, **headers)
        assert seen.scope is None
        assert seen.status == (403 if kind == "http" else 0)
        assert kind == "http" or seen.sent == [{"type": "websocket.close", "code": 1008}]
    assert ask(kind=kind, origin=f"http://{HERE}").scope is not None


def test_every_answer_forbids_what_comes_from_elsewhere() -> None:
    policy = dict(ask().headers)["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert dict(ask().headers)["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_beyond_this_machine_nobody_comes_in_without_the_token(kind: str) -> None:
    for headers in ({}, {"cookie": f"{TOKEN}=wrong"}, {"cookie": f"{TOKEN}="}):
        seen = ask(token=KEY, kind=kind, host="10.0.0.5:8080", **headers)
        assert seen.scope is None
    assert ask(token=KEY, query="token=wrong", host="10.0.0.5:8080").status == 401
    assert ask(token=KEY, kind=kind, host="10.0.0.5:8080", cookie=f"{TOKEN}={KEY}").scope is not None


def test_the_token_goes_from_the_address_into_a_cookie() -> None:
    seen = ask("/scenario", f"token={KEY}&name=a.yaml", token=KEY, host="10.0.0.5:8080")
    assert (seen.status, seen.scope) == (303, None)
    headers = dict(seen.headers)
    assert headers["location"] == "/scenario?name=a.yaml"
    assert headers["set-cookie"].startswith(f"{TOKEN}={KEY};")


def test_the_address_without_the_token_leads_nowhere_else() -> None:
    assert dict(ask("//evil.example/x", f"token={KEY}", token=KEY).headers)["location"] == "/evil.example/x"


def test_the_keeper_is_known_by_a_key_of_its_own() -> None:
    seen = ask(query=f"keeper={KEEPERS}")
    assert dict(seen.headers)["set-cookie"].startswith(f"{KEEPER}={KEEPERS};")
    for cookie, keeps in ((f"{KEEPER}={KEEPERS}", True), (f"{KEEPER}=wrong", False), ("", False)):
        scope = ask(cookie=cookie).scope
        assert scope is not None
        assert scope["ccsim.keeper"] is keeps


def test_an_upload_of_200_mb_is_refused_before_it_is_read() -> None:
    seen = ask("/drop", method="POST", body=200_000_000, content_length="200000000")
    assert (seen.status, seen.read, seen.scope) == (413, 0, None)


def test_an_upload_that_does_not_say_how_large_it_is_is_broken_off() -> None:
    seen = ask("/drop", method="POST", body=200_000_000)
    assert (seen.status, seen.read, seen.scope) == (413, 0, None)


def test_who_sends_too_much_is_told_how_much_may_come_in_there() -> None:
    for path, most in (("/drop", b" 5 MB"), ("/records/drop", b" 50 MB")):
        seen = ask(path, method="POST", content_length="200000000")
        assert seen.status == 413
        assert most in seen.sent[1]["body"]


@pytest.mark.parametrize("size", [0, 1, 70_000, LARGEST_BODY])
def test_an_upload_of_bearable_size_reaches_the_page_whole(size: int) -> None:
    seen = ask("/drop", method="POST", body=size)
    assert (seen.status, seen.read) == (200, size)


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "²", "99999999999999999999", "9" * 5_000])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    assert ask("/drop", method="POST", content_length=length).scope is None


def test_only_the_loopback_does_without_a_token() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.4", "my.machine", "", "localhost.evil")] == [False] * 6
