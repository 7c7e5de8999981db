"""Rosters of centres that never close: people changed one at a time (`people_search`), in place of whole numbers from the solver.

Round the clock a shift may begin at any half-hour, and the solver finds no good whole numbers near the answer in fractions. The first
roster starts from that answer, later ones from the roster before. The prices of the first answer in fractions bound later needs as well, a
little lower than an answer of their own would: that is asked for once, of the roster that is kept (`bounded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ccsim.staffing.people_search import Search
from ccsim.staffing.rostering import Family, Floats, Ideal, Program, Roster
from ccsim.staffing.solver import Tick


class RoundTheClock:
    """The search of one program, for one set of needs after the other."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.search = Search(program.scenario, program.rules, program.workers, program.shifts, program.pay())
        self._ideal: Ideal | None = None

    def solve(
        self,
        needs: Mapping[Family, Floats],
        nodes: int,
        tick: Tick | None = None,
        seconds: float | None = None,
        start: Roster | None = None,
        mend: bool = False,
    ) -> Roster | None:
        """Return a cheap roster for `needs`; None where none was found.

        start: a roster for other needs; `mend`: to be left much as it is. The work is that of so many nodes of the solver's search: the
        same needs give the same roster, unless `seconds` have gone before. Raises `LimitError` as `Program.solve` does.
        """
        self.program.check_reach(needs)
        if start is None or self._ideal is None:
            self._ideal = self.program.ideal(needs, tick)
        asked = [(family, self.program.reachable(family, needs[family])) for family in self.program.families]
        first = self.program.people_of(self._ideal) if start is None else start.tours
        found = self.search.find(asked, first, nodes, seconds, tick, mend)
        if found is None:
            return None
        roster = self.program.counted(found.each(), self.program.bound(self._ideal, needs))
        return replace(roster, out_of_time=found.out_of_time)

    def bounded(self, needs: Mapping[Family, Floats], roster: Roster, tick: Tick | None = None) -> Roster:
        """Return the roster with the bound of the program in fractions for its own needs."""
        return replace(roster, bound=min(max(roster.bound, self.program.ideal(needs, tick).cost), roster.cost))
