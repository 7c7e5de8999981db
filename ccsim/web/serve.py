"""Serving the page: what is printed at the start, and who may come in."""

from __future__ import annotations

import gc
import ipaddress
import logging
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from ccsim.errors import InputError
from ccsim.web.desk import Desk
from ccsim.web.guard import LOOPBACK, Guard, new_key
from ccsim.web.jobs import NICE

# When Python looks for what nobody holds any more: through all that there is five times less often than it would, as pages wait meanwhile
SELDOM: Final = (700, 10, 50)


@dataclass(frozen=True)
class Place:
    """Where the page is."""

    address: str
    keeper_address: str  # with the right to end anybody's run
    folder: str


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0"), is_loopback("10.0.0.5")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def address_of(host: str, port: int) -> str:
    """Where others find the page: what listens on every address of this machine is found by the machine's name.

    >>> address_of("127.0.0.1", 8080), address_of("fd00::7", 80)
    ('http://127.0.0.1:8080/', 'http://[fd00::7]:80/')
    """
    try:
        name = socket.gethostname() if ipaddress.ip_address(host).is_unspecified else host
    except ValueError:
        name = host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/"


def serve(folder: str, port: int, host: str, say: Callable[[Place], None], nice: int = NICE) -> None:
    """Serve the page until it is interrupted; `say` is told where it is. `nice` is how much its workers stand back behind others.

    Beyond the loopback a token is asked of everybody. Raises `InputError` for a folder, host or port that cannot be used.
    """
    _check_free(host, port)
    import uvicorn
    from fastapi import FastAPI
    from nicegui import ui

    from ccsim.web.views import calculator, compare, files, frame, lighter, records, results, scenario, scenarios, studies

    token = "" if is_loopback(host) else new_key()
    desk = Desk(folder, ready=True, nice=nice)
    lighter.lighten()
    ui.add_css(frame.STYLE.read_text(encoding="utf-8"), shared=True)
    for view in (scenarios, scenario, studies, records, results, compare, calculator, files):
        view.add(desk)
    inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(inner, title="ccsim", language="en-US", tailwind=False, reconnect_timeout=30.0, show_welcome_message=False)
    logging.getLogger("nicegui").setLevel(logging.ERROR)
    guard = Guard(inner, frozenset({*LOOPBACK, host.lower()}) if not token else frozenset(), token, desk.keeper)
    address = address_of(host, port)
    asked = f"token={token}" if token else ""
    keeper = f"{address}?{f'{asked}&' if asked else ''}keeper={desk.keeper}"
    say(Place(f"{address}?{asked}" if asked else address, keeper, str(desk.workspace.root)))
    gc.collect()
    gc.freeze()  # what was imported stays; looking through it again and again would hold up pages
    gc.set_threshold(*SELDOM)
    try:
        uvicorn.run(guard, host=host, port=port, log_level="warning", server_header=False, timeout_graceful_shutdown=2)
    except KeyboardInterrupt:
        pass
    finally:
        desk.close()


def _check_free(host: str, port: int) -> None:
    """Raise `InputError` where nothing can listen at an address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as fault:
            reason = (getattr(fault, "strerror", None) or str(fault)).lower()
            raise InputError(f"the page cannot be at {host}, port {port}: {reason}; name another with --port or --host") from None
