"""The contingent pool against a Markov chain solved in the tests (`contingent_chain`)."""

from __future__ import annotations

import pytest

from tests.simulation.contingent_chain import PoolChain
from tests.simulation.exact import queue
from tests.simulation.laws import POOLS, contingents_follow_the_chain
from tests.simulation.worlds import REAL, reference


def test_a_pool_that_is_never_reached_leaves_erlang_a() -> None:
    """The chain itself, held to the balance of M/M/n+M: with a trigger out of reach, and with nobody in the pool."""
    plain = queue(130, 3600, 180, 6, 180)
    for chain in (PoolChain(130, 180, 180, 6, 3, 40, 0, 300), PoolChain(130, 180, 180, 6, 0, 4, 0, 300)):
        assert chain.mean_wait == pytest.approx(plain.mean_wait, rel=1e-9)
        assert chain.agents_on == pytest.approx(0.0, abs=1e-9)


def test_a_pool_that_answers_at_once_and_hardly_ever_leaves_comes_close_to_more_agents() -> None:
    """The chain itself, at its other end: called at the first who waits and on at once, it leaves fewer waiting than seven agents."""
    chain = PoolChain(130, 180, 180, 6, 3, 1, 0, 0)
    assert chain.mean_wait < queue(130, 3600, 180, 7, 180).mean_wait


# Four more settings beside those of `laws`: on at once; a large pool that comes late; a trigger one above its release; too few regulars
MORE = (
    PoolChain(calls=240, handle_time=150, patience=240, regulars=9, pool=5, reaches=7, falls_to=0, notice=0),
    PoolChain(calls=300, handle_time=200, patience=300, regulars=16, pool=8, reaches=10, falls_to=4, notice=900),
    PoolChain(calls=70, handle_time=240, patience=120, regulars=4, pool=2, reaches=2, falls_to=1, notice=120),
    PoolChain(calls=200, handle_time=180, patience=120, regulars=8, pool=4, reaches=5, falls_to=0, notice=600),
)
NAMES = [
    "released at nobody waiting", "released at two waiting", "on at once", "on at once, for all who wait", "a large pool that comes late",
    "released one below the trigger", "too few regulars",
]  # fmt: skip


@pytest.mark.parametrize("chain", [*POOLS, *MORE], ids=NAMES)
def test_a_pool_with_exponential_notice_follows_its_chain(chain: PoolChain) -> None:
    """Faults of 5 % in waits and hang-ups and of 6 % in contingents on and activations would show."""
    contingents_follow_the_chain(chain)


def test_the_reference_engine_follows_the_chain_too() -> None:
    """The small setting, fewer days: faults of four tenths would show. Call by call the engines agree elsewhere."""
    contingents_follow_the_chain(POOLS[0], replications=4, sees=8.0, world=REAL._replace(play=reference))


@pytest.mark.slow
@pytest.mark.parametrize("chain", [*POOLS, *MORE], ids=NAMES)
def test_the_reference_engine_follows_every_chain(chain: PoolChain) -> None:
    """A quarter of the days: faults of 10 % in waits and hang-ups and of 12 % in contingents on and activations would show."""
    contingents_follow_the_chain(chain, replications=20, sees=2.0, world=REAL._replace(play=reference))
