"""Which model a station is: the one place where the choice is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ccsim.theory.checks import number
from ccsim.theory.erlang_a import ErlangA
from ccsim.theory.erlang_c import ErlangC
from ccsim.theory.impatient import ImpatientQueue
from ccsim.theory.patience import Exponential, Patience, as_patience
from ccsim.theory.station import Station


def queue_of(
    arrival_rate: ArrayLike,
    handle_time: ArrayLike,
    agents: ArrayLike,
    *,
    patience: Patience | ArrayLike | None = None,
    balk: ArrayLike = 0.0,
    lines: ArrayLike | None = None,
) -> Station:
    """Return the station in the simplest model that holds what is given, exactly.

    Nobody hangs up and lines are unlimited: Erlang C. Exponential patience (a mean [s] stands for it), unlimited lines: Erlang A. As many
    lines as agents: Erlang B. Anything else: M/M/n/K+G. Arguments broadcast; see the classes for their ranges. Raises `InputError`.

    >>> queue_of(0.1, 180.0, 20).model, queue_of(0.1, 180.0, 20, patience=120.0).model, queue_of(0.1, 180.0, 20, lines=20).model
    ('Erlang C', 'Erlang A', 'Erlang B')
    """
    law = as_patience(patience)
    if lines is None and isinstance(law, Exponential):
        return ErlangA(arrival_rate, handle_time, agents, law.mean, balk)
    if lines is None and law.endless and not np.any(number("balk", balk, 0.0, 1.0, below=True)):
        return ErlangC(arrival_rate, handle_time, agents)
    queue = ImpatientQueue(arrival_rate, handle_time, agents, law, balk, lines)
    if lines is not None and np.all(np.asarray(lines) == np.asarray(agents)):
        queue.model = "Erlang B"
    return queue
