"""Laws of long lines: busy signals that are rare, or common only because the queue is always long, against the chain itself."""

from __future__ import annotations

import numpy as np
import pytest

from ccsim.errors import InputError
from ccsim.theory import ImpatientQueue, Lognormal, erlang_b, queue_of, required_lines, station_chain

HANDLE = 180.0


@pytest.mark.parametrize("places", [10, 1_000, 100_000])
@pytest.mark.parametrize("agents, load", [(100, 99.0), (100, 100.0), (100, 100.0001), (100, 101.0), (10, 9.999)])
@pytest.mark.parametrize("patience", [None, 1e6])
def test_busy_signals_and_waits_of_long_lines_are_those_of_the_chain(agents: int, load: float, places: int, patience: float | None) -> None:
    lines = agents + places
    weights = station_chain(load / HANDLE, HANDLE, agents, lines, patience or np.inf)
    queue = queue_of(load / HANDLE, HANDLE, agents, patience=patience, lines=lines)
    if weights[-1] > 1e-280:
        assert queue.blocked_fraction == pytest.approx(weights[-1], rel=1e-10)
    waiting = weights @ np.maximum(np.arange(lines + 1) - agents, 0)
    assert queue.mean_queue == pytest.approx(waiting, rel=1e-10)


def test_with_as_many_erlangs_as_agents_the_busy_signals_of_long_lines_are_those_of_a_formula() -> None:
    """With a = n every state with all agents busy is as likely as the next: B / (1 + B places)."""
    places = np.array([10, 1e4, 1e7, 9e8])
    blocked = ImpatientQueue(100 / HANDLE, HANDLE, 100, None, lines=100 + places).blocked_fraction
    b = erlang_b(100, 100.0)
    assert blocked == pytest.approx(b / (1 + b * places), rel=1e-11)


def test_one_more_line_never_raises_the_share_of_busy_signals() -> None:
    lines = np.arange(20.0, 400.0)
    for patience in (None, 200.0, Lognormal(200.0, 1.5)):
        blocked = np.asarray(queue_of(0.1, HANDLE, 20, patience=patience, lines=lines).blocked_fraction)
        assert (np.diff(blocked) <= 0.0).all()
        assert blocked[-1] < blocked[0]


def test_millions_of_lines_are_found_where_the_agents_hardly_keep_up() -> None:
    lines = required_lines(1.0, 100.0, 100.0001, 1e-12)
    blocked = queue_of(1.0, 100.0, [100.0001, 100.0001], lines=[lines - 1, lines]).blocked_fraction
    assert blocked[0] > 1e-12 >= blocked[1]


def test_lines_without_number_are_refused() -> None:
    with pytest.raises(InputError, match="lines is 1e"):
        queue_of(0.1, HANDLE, 20, lines=1e300)
