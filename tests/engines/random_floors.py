"""Days on random floors, played once by each engine and kept: what holds on every floor is looked for on all of them."""

from __future__ import annotations

from functools import cache

from tests.engines.floors import play
from tests.engines.fuzz import plan_of_seed
from tests.engines.played import Played

FLOORS = 80
FIRST_SEED = 50_000


@cache
def random_floors(engine: str) -> list[tuple[int, Played]]:
    """The seed of each plan and what an engine makes of it."""
    played = []
    for seed in range(FIRST_SEED, FIRST_SEED + FLOORS):
        plan = plan_of_seed(seed)
        floor, day = plan.floor(), plan.day()
        played.append((seed, Played(floor, day, play(floor, day, engine))))
    return played
