"""Which column holds what: known by the headings that switches and workforce tools write, or told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ccsim.errors import InputError
from ccsim.inputs.faults import listed, nearest
from ccsim.units import shown

CALLS: Final[Mapping[str, tuple[str, ...]]] = {
    "arrival": (
        "arrival", "arrival time", "arrived", "arrived at", "call start", "call time", "start", "start time", "timestamp", "datetime",
        "date time", "queue start", "q start", "enqueued", "queued at", "offered at", "time", "call datetime", "interaction start",
    ),
    "date": ("date", "day", "call date"),
    "call_type": ("call type", "type", "queue", "skill", "queue name", "call queue", "topic", "split", "vdn", "service"),
    "outcome": ("outcome", "result", "disposition", "status", "call result", "answered y n", "answered"),
    "wait": (
        "wait", "wait time", "waiting time", "queue time", "q time", "time in queue", "seconds to answer", "speed of answer", "ring time",
        "speed of answer in seconds", "wait s", "wait seconds", "queue duration", "hold time before answer", "delay",
    ),
    "answered_at": ("answered at", "answer time", "answer", "connect time", "service start", "ser start", "connected at", "talk start"),
    "hung_up_at": ("hung up at", "abandon time", "abandoned at", "aban time"),
    "ended_at": ("ended at", "end", "end time", "call end", "service end", "ser exit", "disconnect time", "finish", "released at"),
    "handle_time": (
        "handle time", "handling time", "aht", "service time", "ser time", "handle", "handle duration", "handle time s", "call duration",
        "duration",
    ),
    "talk": ("talk", "talk time", "talk duration", "acd time", "avgtalkduration", "talk s", "talk seconds", "conversation"),
    "hold": ("hold", "hold time", "on hold", "hold duration", "hold s"),
    "wrap": ("wrap", "acw", "wrap up", "after call work", "wrap time", "acw time", "wrapup", "after call", "wrap s"),
    "agent": ("agent", "agent id", "agent name", "agent login", "answered by", "user", "employee", "server"),
    "priority": ("priority", "call priority"),
    "caller": ("caller", "caller id", "customer", "customer id", "ani", "cli", "phone", "phone number", "from number", "account", "client"),
}  # fmt: skip
COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "start": (
        "start", "interval", "time", "period", "interval start", "start time", "datetime", "date time", "timestamp", "half hour",
        "start local",
    ),
    "date": ("date", "day"),
    "call_type": ("call type", "type", "queue", "skill", "queue name", "split", "topic", "service"),
    "offered": (
        "offered", "calls", "volume", "calls offered", "nco", "contacts", "contacts offered", "arrivals", "count", "call volume",
        "forecast", "incoming calls", "mean",
    ),
    "handled": ("handled", "answered", "calls handled", "calls answered", "acd calls", "contacts handled", "answered calls"),
    "abandoned": ("abandoned", "aban calls", "abandons", "calls abandoned", "abandoned calls", "hung up"),
    "blocked": ("blocked", "busy", "busy calls", "blocked calls"),
    "aht": ("aht", "avg handle time", "average handle time", "handle time", "mean handle time", "aht s", "avg aht"),
    "talk": ("talk", "avg acd time", "avg talk time", "att", "talk duration avg", "talk time"),
    "hold": ("hold", "avg hold time", "hold time"),
    "wrap": ("acw", "wrap", "avg acw time", "wrap up", "avg wrap time"),
    "mean_wait": ("mean wait", "average wait", "avg wait", "mean wait all", "mean wait all s", "waiting time avg"),
    "asa": ("asa", "avg speed ans", "average speed of answer", "answer speed avg", "mean wait answered s", "avg speed of answer"),
    "service_level": ("sl", "service level", "% within service level", "in serv levl", "service level 20 seconds", "% in sl"),
    "agents": ("agents", "agents on duty", "on duty", "avg pos staff", "staffed", "avg positions staffed", "agents staffed"),
    "required": ("required", "requirement", "base staff", "required agents"),
    "scheduled": ("scheduled", "rostered", "agents scheduled", "scheduled agents"),
}  # fmt: skip
PEOPLE: Final[Mapping[str, tuple[str, ...]]] = {
    "agent": ("agent", "agent id", "person", "name", "employee", "agent name", "employee id"),
    "start": ("start", "from", "begin", "start time", "scheduled start", "shift start", "login", "log in"),
    "end": ("end", "to", "until", "end time", "scheduled end", "shift end", "logout", "log out"),
    "activity": ("activity", "code", "state", "activity code", "status", "exception"),
    "paid": ("paid",),
    "date": ("date", "day", "shift date"),
    "group": ("group", "team", "department"),
    "came": ("came", "actual start", "arrived", "clock in", "clocked in", "actual login", "first login"),
    "left": ("left", "actual end", "clock out", "clocked out", "actual logout", "last logout"),
}  # fmt: skip


def plain_heading(text: str) -> str:
    """A heading without capitals, blanks and signs, and without a unit in brackets behind it.

    >>> plain_heading("Talk_Time (s)")
    'talk time'
    """
    text = re.sub(r"\([^)]*\)\s*$", "", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"[^a-z0-9%]+", " ", text.lower()).strip()


def find_columns(
    name: str, header: Sequence[str], known: Mapping[str, tuple[str, ...]], told: Mapping[str, str] | None = None
) -> dict[str, int]:
    """The place in `header` of each meaning that is told or known by its heading.

    A meaning told as an empty text has no column, whatever its heading. Raises `InputError` where a column told is not there, or two
    columns could be meant.
    """
    plains = [plain_heading(title) for title in header]
    found: dict[str, int] = {}
    for meaning, heading in (told or {}).items():
        if meaning not in known:
            near = nearest(meaning, known)
            hint = f"did you mean {shown(near)}?" if near else f"columns mean {listed(known, 30)}"
            raise InputError(f"{shown(meaning)} is no meaning of a column; {hint}")
        if not heading:
            continue
        exact = [place for place, title in enumerate(header) if title == heading.strip()]
        alike = exact or [place for place, title in enumerate(plains) if title == plain_heading(heading)]
        if len(alike) != 1:
            what = "no column" if not alike else f"{len(alike)} columns called"
            near = nearest(heading, header)
            hint = f"did you mean {shown(near)}?" if near and not alike else f"it has {listed(map(shown, header), 30)}"
            raise InputError(f"{name} has {what} {shown(heading)}; {hint}")
        found[meaning] = alike[0]
    for meaning, spellings in known.items():
        if meaning in found or meaning in (told or {}):
            continue
        # The spellings stand in order of trust: `q start` is used before `start`, if both are there the first named wins.
        for spelling in spellings:
            places = [place for place, title in enumerate(plains) if title == spelling and place not in found.values()]
            if len(places) > 1:
                raise InputError(f"{name} has {len(places)} columns called {shown(header[places[0]])}; give each a name of its own")
            if places:
                found[meaning] = places[0]
                break
    return found
