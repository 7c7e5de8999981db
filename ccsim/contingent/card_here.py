"""What the activation card says in a state of the floor: its cell looked up as a supervisor would, with the scenario's own row."""

from __future__ import annotations

import numpy as np

from ccsim.contingent.card import row_at
from ccsim.contingent.card_cells import FULL, Look
from ccsim.contingent.state import State
from ccsim.errors import InputError
from ccsim.inputs.scenario import Scenario


def asked_by_card(scenario: Scenario, first_calls: Scenario, state: State) -> int | None:
    """How many people the card says should have been called in all; None at a time at which it says nothing.

    `first_calls` is the scenario with volumes of first calls, in which the calls so far are told. Where they are not told, as many have
    come as are expected.
    """
    try:
        found = row_at(scenario, state.pool.name, state.at)
    except InputError:  # there is no card of this pool
        return None
    if found is None:
        return None
    card, look = found
    (row,) = card.rows
    if row.too_late:
        return None
    busier = 1.0
    if card.by_calls and state.calls is not None:
        expected = look.calls_by(state.at)
        busier = (look.shape + expected * _more_calls(first_calls, look, state)) / (look.shape + expected)
    queue = _waiting(look, state)
    return card.rule(state.at, _on_duty(look, state) / busier, queue, state.oldest if queue else 0.0)


def _more_calls(scenario: Scenario, look: Look, state: State) -> float:
    """First calls so far of the types that the pool takes, over those expected."""
    assert state.calls is not None
    horizon, told = scenario.horizon, [name for name in look.names if name in state.calls]
    share = np.clip((state.at - horizon.interval_start) / (horizon.interval_end - horizon.interval_start), 0.0, 1.0)
    expected = sum(float((scenario.calls[name].volume * share).sum()) for name in told)
    return sum(state.calls[name] for name in told) / expected if expected > FULL else 1.0


def _on_duty(look: Look, state: State) -> float:
    """Agents on duty who take what the pool takes: of one number their part by the roster, and of groups that are not told the roster's."""
    at = np.array(state.at)
    if None in state.agents:
        everybody = float(look.at(look.everybody, at))
        return state.agents[None] * float(look.at(look.scheduled, at)) / everybody if everybody > FULL else float(state.agents[None])
    return sum(state.agents.get(name, float(look.at(on_duty, at))) for name, on_duty in look.groups.items())


def _waiting(look: Look, state: State) -> int:
    """Callers waiting of the types that the pool takes: of one number their part by the calls expected."""
    if None in state.waiting:
        return round(state.waiting[None] * look.part_of_calls(state.at))
    return sum(state.waiting.get(name, 0) for name in look.names)
