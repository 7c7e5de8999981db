"""What `ccsim run` does with drawn parameters before it plays: it reads them and sees that they belong to the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccsim.errors import InputError

if TYPE_CHECKING:
    from ccsim.fitting.drawn import Draws
    from ccsim.inputs import Scenario


def draws_for(scenario: Scenario, path: str, batches: int | None, cluster: str | None) -> Draws:
    """The draws in a file; raises `InputError` where they are another scenario's, or something is asked for that draws cannot do."""
    from ccsim.fitting.draws_file import check_draws, read_draws

    if batches is not None:
        raise InputError("--draws and --batches are both given: batches cut one path, and draws need many; leave one of them out")
    if cluster is not None:
        raise InputError("--draws and --cluster are both given: draws are played on this machine; leave one of them out")
    draws = read_draws(path)
    check_draws(draws, scenario, path)
    return draws
