"""`ccsim web` says what keeps it from starting, and asks for a token wherever others can reach it."""

from __future__ import annotations

import importlib.util
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.interfaces.conftest import Said
from tests.interfaces.conftest import ccsim as ccsim
from tests.web.browser import served


def test_a_folder_that_is_not_there_is_refused(ccsim: Callable[..., Said], tmp_path: Path) -> None:
    said = ccsim("web", "--folder", tmp_path / "nothing", "--port", _free())
    assert said.status == 2
    assert "is no folder" in said.err


def test_a_port_that_is_taken_is_refused(ccsim: Callable[..., Said], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = ccsim("web", "--folder", tmp_path, "--port", taken.getsockname()[1])
    assert said.status == 2
    assert "name another with --port" in said.err


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_that_is_none_is_refused(ccsim: Callable[..., Said], port: str) -> None:
    assert ccsim("web", "--port", port).status == 2


def test_without_nicegui_the_page_says_how_to_get_it(ccsim: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec

    def missing(name: str, package: str | None = None) -> Any:
        return None if name == "nicegui" else there(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", missing)
    said = ccsim("web")
    assert said.status == 2
    assert "pip install 'ccsim[web]'" in said.err


def test_beyond_this_machine_nobody_comes_in_without_the_token(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with served(tmp_path / "work", "--host", "0.0.0.0") as (address, _):
        token = re.search(r"\?token=(\w+)", (tmp_path / "page.out").read_text())
        assert token is not None
        assert f"The page is at http://{socket.gethostname()}:{address.rpartition(':')[2]}/?token=" in (tmp_path / "page.out").read_text()
        browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
        for wrong in ("", f"?token={'0' * len(token[1])}"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                browser.open(f"{address}/{wrong}", timeout=60)
            with refused.value:
                assert refused.value.code == 401
                assert "use the whole address" in refused.value.read().decode()
        with browser.open(f"{address}/?token={token[1]}", timeout=60) as page:
            assert page.status == 200
            assert "token" not in page.url
        with browser.open(f"{address}/", timeout=60) as page:  # the cookie is enough from now on
            assert page.status == 200


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
