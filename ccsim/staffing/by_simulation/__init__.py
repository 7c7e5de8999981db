"""The fewest agents on duty by interval so that the target holds when days are played: found, checked on fresh days, and shown to be few.

`positions` says what varies, `chosen` which days are played, `playing` plays plans side by side, `sums` is the target in a form that can be
added up, `luck` takes what is known of the days' luck out of an estimate, most of it by `presence`; `start`, `near`, `steps`, `estimate`,
`slopes`, `program` and `search` find the plan, `refusal` says where there can be none, `found`, `measures` and `answer` say what was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ccsim.errors import InputError
from ccsim.experiment.interrupts import interruptible
from ccsim.staffing.by_simulation.answer import Simulated, answer_of
from ccsim.staffing.by_simulation.playing import Player
from ccsim.staffing.by_simulation.positions import sorts_of
from ccsim.staffing.by_simulation.search import Search
from ccsim.staffing.by_simulation.sums import Aims
from ccsim.staffing.crews import load
from ccsim.staffing.limits import check_target

if TYPE_CHECKING:
    from ccsim.inputs import Scenario

__all__ = ["Simulated", "requirement_by_simulation"]

FEWEST_DAYS, MOST_DAYS = 50, 200_000
MOST_NUMBERS = 8_000_000  # days x intervals x call types: some three gigabytes, most of it what is known about luck


def requirement_by_simulation(
    scenario: Scenario,
    confidence: float | None = None,
    days: int | None = None,
    seed: int = 1,
    progress: Callable[[str, float], None] | None = None,
    workers: int | None = None,
) -> Simulated:
    """Return the fewest agents on duty in each interval with whom every call type meets its target, played.

    Each call type is judged by itself at its own target or the common one, in every interval in which it is called (with `per: day` on
    every day), over all days together; with a `confidence` the target must hold on that share of days instead, 0.95 being 19 in 20. Queues
    carried from one interval to the next, hang-ups, busy days, events and contingents are all in play. Agents are positions: absence is
    not in play but in the numbers to schedule beside them.

    days: on how many fresh days, which moved nothing, the answer is proven, left out from 300 to 4,800 by how many calls they have (with
    a confidence from 720). Busy ones are played more often than they come, and weigh the less. A plan that is short on them is mended
    and proven on others, up to four times, and the answer says how often. A proven plan that holds with an agent fewer by more than chance
    is proven without; who names the days asks for the last agent, by any chance.
    seed: of all luck; `progress(what is being done, share done)` is called now and then. Ctrl-C ends it with the
    best plan so far, said to be unverified.

    Raises `LimitError` for what no number of agents can meet, with the nearest that can be, and `InputError` for arguments that make no
    sense and where no group takes a call type.
    """
    if confidence is not None and not 0.0 < confidence < 1.0:
        raise InputError(f"a confidence of {confidence:g} cannot be had; give a share of days above 0 and below 1, such as 0.95")
    if days is not None and days < FEWEST_DAYS:
        raise InputError(f"{days:,} days are too few to check an answer on; give {FEWEST_DAYS} to {MOST_DAYS:,}")
    if days is not None and days > MOST_DAYS:
        raise InputError(f"{days:,} days are more than can be played for one answer; give {FEWEST_DAYS} to {MOST_DAYS:,}")
    size = scenario.horizon.intervals * len(scenario.calls)
    if days is not None and days * size > MOST_NUMBERS:
        raise InputError(f"{days:,} days of so many intervals and call types do not fit here; give up to {MOST_NUMBERS // size:,} days")
    check_target(scenario)
    sorts = sorts_of(scenario)
    erlangs = [load(scenario, sort.types).offered_load for sort in sorts]
    ample = np.array([np.ceil(some + 1.5 * np.sqrt(some)) for some in erlangs]).astype(np.int64)
    aims = Aims(scenario, confidence)
    with interruptible() as stopped:
        player = Player(scenario, sorts, ample, seed, workers)
        player.stopped = stopped
        found = Search(scenario, sorts, aims, player, seed, days, progress).look(confidence)
    return answer_of(scenario, sorts, aims, found, player.played, seed, confidence)
