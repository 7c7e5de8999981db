"""A page that is served, and a browser that watches for what must not happen: errors, and requests to elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None)
LONG = 90_000  # ms that anything on the page may take on a busy machine
PLAYED = 600_000  # the same for a run, which may have to compile the engine first

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="NO BROWSER: the page was not tested; tools/get-chromium installs one (Debian: apt-get install chromium)"
)


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[str, str]]:
    """The page over a folder in a process of its own: its address, and the key of its keeper."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "NICEGUI", "COV"))}
    command = [sys.executable, "-m", "ccsim", "web", "--port", str(port), "--folder", str(folder), *options]
    with (folder.parent / "page.out").open("w+") as said:
        server = subprocess.Popen(command, env={**clean, "PYTHONUNBUFFERED": "1"}, stdout=said, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 120
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1.0).close()
                    break
                except OSError:
                    assert server.poll() is None, (folder.parent / "page.out").read_text()
                    assert time.monotonic() < until
                    time.sleep(0.1)
            keeper = re.search(r"keeper=(\w+)", (folder.parent / "page.out").read_text())
            assert keeper is not None
            yield address, keeper[1]
        finally:
            server.terminate()
            server.wait(30)


class Watch:
    """What a browser's page says and asks for."""

    def __init__(self, page: Any, address: str) -> None:
        self.errors: list[str] = []
        self.outside: list[str] = []
        inside = (f"{address}/", address.replace("http", "ws") + "/", "data:", "blob:")
        page.on("console", lambda told: self.errors.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        page.on("request", lambda asked: None if asked.url.startswith(inside) else self.outside.append(asked.url))
        page.on("websocket", lambda asked: None if asked.url.startswith(inside) else self.outside.append(asked.url))


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong with what is on the page."""
    import axe_playwright_python

    script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    found = page.evaluate("axe.run()")["violations"]
    return [f"{page.url}: {one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]
