"""Shifts corrected until they hold: the busiest month's week is played, what it asks for is moved, and shifts are chosen again.

The loop of `ccsim.staffing.schedule`, with fewer turns: a requirement that the roster misses goes up, one that it more than meets goes
down, and the best roster is played once more on weeks that nothing was fitted to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ccsim.staffing.aims import Played, play, replications_for
from ccsim.staffing.correction import CHECKS, SURE, SURER, Correction
from ccsim.staffing.sizing.check import sized_week
from ccsim.staffing.sizing.people import Chooser, Floats, People

_ROUNDS = 3
_CHECK = 3.0  # times as many weeks in the check
_WORTH = 0.003  # of the cost, for mending an interval that misses by no more than chance
_APART, _APART_CHECK = 7919, 104729  # seeds of the rounds and of the checks


@dataclass(frozen=True)
class Held:
    """People of a week whose shifts have been played, and what the weeks of the check came to."""

    people: People
    by_formula: People  # who would cover the formula's requirement
    missed_by_formula: int  # intervals of the week that those miss when played
    played: Played
    interrupted: bool = False  # these people were played, and not yet checked on fresh weeks

    @property
    def verified(self) -> bool:
        """Whether every aim of every call type is met in every interval with calls, all weeks of the check together."""
        return not self.interrupted and not self.played.missed.any()


def until_it_holds(chooser: Chooser, first: People, seed: int, tell: Callable[[str, float], None]) -> Held:
    """Return people with whom the week of `first` meets the target when it is played; `tell(what is being done, share done)`.

    Ctrl-C ends it, `interrupted`, with the best people played by then; with none yet, KeyboardInterrupt is raised.
    """
    count, steps = replications_for(first.week), _ROUNDS + CHECKS
    correction, family = Correction(first.week, chooser.program.families), chooser.program.families[0]

    def seen(people: People, what: str, step: int, weeks: int, own: int) -> Played:
        return play(sized_week(people, None), weeks, own, lambda done, total: tell(what, (step + done / total) / steps))

    def after(people: People, played: Played, lower: bool, sure: float = SURE) -> Floats:
        return correction.corrected({family: people.needs}, people.roster.on_duty, played, lower, sure)[family]

    people, best, rank, missed = first, first, (0, 0.0), 0
    kept: Held | None = None
    try:
        for turn in range(_ROUNDS):
            played = seen(people, "playing the busiest week", turn, count, seed + _APART * (turn + 1))
            own = int(played.surely_missed.sum()), people.roster.cost * (1.0 + _WORTH * int(played.missed.sum()))
            if turn == 0:
                missed = int(played.missed.sum())
            if turn == 0 or own < rank:
                best, rank = people, own
                kept = Held(best, first, missed, played, interrupted=True)
            if turn < _ROUNDS - 1:
                people = chooser.people(after(people, played, lower=True))
        for turn in range(CHECKS):
            played = seen(best, "checking on fresh weeks", _ROUNDS + turn, round(_CHECK * count), seed + _APART_CHECK * (turn + 1))
            kept = Held(best, first, missed, played, interrupted=True)
            if not played.missed.any() or turn == CHECKS - 1:
                break
            best = chooser.people(after(best, played, lower=False, sure=SURE + SURER * turn))
    except KeyboardInterrupt:
        if kept is None:
            raise
        return kept
    return Held(best, first, missed, played)
