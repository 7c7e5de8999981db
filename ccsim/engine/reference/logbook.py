"""What is written down while a path is played."""

from __future__ import annotations

import math

import numpy as np

from ccsim.engine.floor import (
    ANSWERED,
    BLOCKED,
    CALLED_OFF,
    FAILED,
    HUNG_UP,
    LAPSED,
    LOGGED_IN,
    ON_THE_WAY,
    REFUSED,
    UNREACHED,
    UNSETTLED,
    Log,
)
from ccsim.engine.more import check_later_calls
from ccsim.engine.reference.people import Agent, Caller, Team


class Logbook:
    """Grows into a `Log`."""

    def __init__(self, calls: int, notes_callbacks: bool) -> None:
        self._outcome = [UNSETTLED] * calls
        self._moved_on = [math.nan] * calls
        self._ended = [math.nan] * calls
        self._agent = [-1] * calls
        self._called_back = [False] * calls
        self._notes_callbacks = notes_callbacks
        self._later: list[tuple[float, int, int, float, float, int, int, int, int]] = []
        self._never_came = [0] * 4
        self._spells: list[tuple[int, int, float, float, float, int]] = []
        self._activations: list[list[float]] = []
        self._asks: list[list[float]] = []

    # Calls

    @property
    def calls(self) -> int:
        """How many calls there are, those that are yet to come included: the number of the next one decided on."""
        return len(self._outcome)

    def blocked(self, caller: Caller) -> None:
        """A busy signal."""
        self._settle(caller, BLOCKED, caller.arrival)

    def hung_up(self, caller: Caller, now: float) -> None:
        """A caller is gone, for lack of patience or because the centre closed."""
        self._settle(caller, HUNG_UP, now)

    def answered(self, caller: Caller, agent: Agent, now: float, ends: float) -> None:
        """An answer, and when the handling will be over."""
        self._settle(caller, ANSWERED, now)
        self._served(caller, agent, ends)

    def accepted_callback(self, caller: Caller) -> None:
        """An offer of a call-back is accepted."""
        self._called_back[caller.number] = True

    def rang_in_vain(self, caller: Caller, agent: Agent, now: float, ends: float) -> None:
        """A caller is called back and does not pick up until the agent gives up."""
        self._settle(caller, UNREACHED, now)
        self._served(caller, agent, ends)

    def _settle(self, caller: Caller, outcome: int, now: float) -> None:
        self._outcome[caller.number] = outcome
        self._moved_on[caller.number] = now

    def _served(self, caller: Caller, agent: Agent, ends: float) -> None:
        self._ended[caller.number] = ends
        self._agent[caller.number] = agent.number

    def comes_later(self, caller: Caller, before: Caller, kind: int, interval: int) -> None:
        """One more call is going to come, of the same caller. Raises `ScenarioError` where they come of each other without end."""
        check_later_calls(self.calls - len(self._later), len(self._later))
        self._outcome.append(UNSETTLED)
        self._moved_on.append(math.nan)
        self._ended.append(math.nan)
        self._agent.append(-1)
        self._called_back.append(False)
        what = (caller.arrival, caller.queue, interval, caller.handle_time, caller.patience)
        self._later.append((*what, kind, before.number, caller.first, caller.attempt))

    def never_comes(self, kind: int) -> None:
        """One more call was due while closed or too late."""
        self._never_came[kind] += 1

    # Agents

    def spell(self, agent: Agent, now: float, kind: int, due: float | None = None) -> None:
        """The end of a stretch on duty; `due` where it should have ended before."""
        self._spells.append((agent.number, agent.team.number, agent.on_since, now, now if due is None else due, kind))

    def stretches_of(self, team: Team) -> list[tuple[float, float]]:
        """(start, end) of the stretches on duty of a team that are over, in the order in which they ended."""
        return [(start, end) for _, number, start, end, _, _ in self._spells if number == team.number]

    # Contingents

    def activation(self, pool: int, now: float) -> None:
        """A pool goes active."""
        self._activations.append([pool, now, math.nan])

    def deactivation(self, pool: int, now: float) -> None:
        """A pool goes inactive: the end of its latest activation."""
        latest = next(row for row in reversed(self._activations) if row[0] == pool)
        latest[2] = now

    def refused(self, pool: int, agent: Agent, now: float) -> None:
        """Somebody asked says no."""
        self._asks.append([pool, agent.number, now, math.nan, REFUSED, now])

    def on_the_way(self, pool: int, agent: Agent, now: float, due: float) -> int:
        """The number under which what becomes of it is written down."""
        self._asks.append([pool, agent.number, now, due, ON_THE_WAY, math.nan])
        return len(self._asks) - 1

    def logged_in(self, ask: int, now: float) -> None:
        """Somebody asked is on."""
        self._asks[ask][4:] = [LOGGED_IN, now]

    def called_off(self, ask: int, now: float) -> None:
        """Somebody asked is no longer needed."""
        self._asks[ask][4:] = [CALLED_OFF, now]

    def did_not_come(self, ask: int, now: float) -> None:
        """Somebody who said yes is not there."""
        self._asks[ask][4:] = [FAILED, now]

    def lapsed(self, ask: int, now: float) -> None:
        """Somebody asked would be on too late."""
        self._asks[ask][4:] = [LAPSED, now]

    # All of it

    def log(self) -> Log:
        """Everything, as the arrays of the contract between the engines."""
        later = list(zip(*self._later, strict=True)) or [()] * 9
        spell = list(zip(*self._spells, strict=True)) or [()] * 6
        activation = list(zip(*self._activations, strict=True)) or [()] * 3
        ask = list(zip(*self._asks, strict=True)) or [()] * 6
        return Log(
            outcome=np.array(self._outcome, np.int8),
            moved_on=np.array(self._moved_on, np.float64),
            ended=np.array(self._ended, np.float64),
            agent=np.array(self._agent, np.int32),
            spell_agent=np.array(spell[0], np.int64),
            spell_team=np.array(spell[1], np.int64),
            spell_start=np.array(spell[2], np.float64),
            spell_end=np.array(spell[3], np.float64),
            spell_due=np.array(spell[4], np.float64),
            spell_kind=np.array(spell[5], np.int64),
            activation_pool=np.array(activation[0], np.int64),
            activation_time=np.array(activation[1], np.float64),
            activation_until=np.array(activation[2], np.float64),
            ask_pool=np.array(ask[0], np.int64),
            ask_agent=np.array(ask[1], np.int64),
            ask_time=np.array(ask[2], np.float64),
            ask_due=np.array(ask[3], np.float64),
            ask_outcome=np.array(ask[4], np.int64),
            ask_settled=np.array(ask[5], np.float64),
            later_arrival=np.array(later[0], np.float64),
            later_queue=np.array(later[1], np.int64),
            later_interval=np.array(later[2], np.int64),
            later_handle=np.array(later[3], np.float64),
            later_patience=np.array(later[4], np.float64),
            later_kind=np.array(later[5], np.int64),
            later_before=np.array(later[6], np.int64),
            later_first=np.array(later[7], np.int64),
            later_attempt=np.array(later[8], np.int64),
            never_came=np.array(self._never_came, np.int64),
            called_back=np.array(self._called_back if self._notes_callbacks else [], np.uint8),
        )
