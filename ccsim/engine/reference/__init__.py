"""The reference engine: one path of the floor, played by SimPy and written to be read.

It goes by docs/rules-of-the-floor.md and nothing else, and it is the oracle for the compiled engine, which must give the same `Log`
to the last bit. Read it in this order:

    clock     absolute times, and who goes first at one instant
    people    callers, agents, teams: what each of them knows
    logbook   what is written down
    queues    who waits and for whom: which agent answers a call, which call an agent takes next
    lines     who holds a line
    luck      what is drawn for a caller while the path is played
    later     whether one more call comes of a call: redials, repeats, transfers
    crew      agents come and go: shifts, breaks, positions, opening and closing
    switch    calls meet agents: arrival, announcement, answer, call-back, hang-up, outages
    pool      a contingent pool: the rule that is looked at, asking, standing down
    path      the day as a series of events
"""

from __future__ import annotations

from ccsim.engine.floor import Day, Floor, Log
from ccsim.engine.reference.path import Path


def play(floor: Floor, day: Day) -> Log:
    """What happened on the floor on this day, event by event (the arrays of `Log`).

    A pure function: neither argument is written to, and the same arguments give the same log. About 12 microseconds a call.
    """
    return Path(floor, day).play()
