"""What is not to be trusted of a back-test, in sentences: too few calls, days or hang-ups to say what it seems to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ccsim.fitting.forecasting.record import FEWEST_DAYS
from ccsim.inputs.faults import listed
from ccsim.validation.volume import counted

if TYPE_CHECKING:
    from ccsim.validation.backtest import Backtest

CALLS: Final = 200  # of the test days, below which their means are mostly chance
INTERVALS: Final = 20  # compared, below which one alone moves the share within the band by more than 5 points
OUTSIDE: Final = 0.01  # share of the calls that no interval of a forecast has, from which it is said
HUNG_UP: Final = 30  # callers who did, from whom a law of patience is learned with an error of some 18 % (one over the root)


def warnings(found: Backtest) -> list[str]:
    """Each reason for doubt in a sentence, the gravest first; empty where there is none."""
    said = []
    gone = int((found.test.frame["outcome"] == "abandoned").sum())
    calls = len(found.test.arrival)
    if not found.learned.hung_up:
        said.append(
            f"In {found.train.name} nobody hangs up, so patience could not be learned: in what is played all wait until they are answered "
            "or the staff has gone, and where staff is short the waits foretold are too long. Name a training log that has the callers who "
            "hung up."
        )
        if gone:
            said.append(f"In {found.test.name} {gone:,} of {calls:,} callers did hang up, which nothing learned foretells.")
    elif found.learned.hung_up < HUNG_UP:
        said.append(
            f"Only {found.learned.hung_up} caller{'s' * (found.learned.hung_up != 1)} of {found.train.name} hung up: patience is learned "
            f"from too few ({HUNG_UP} or more are wanted), so hang-ups and long waits are a guess."
        )
    known = set(found.train.frame["call_type"])
    strange = found.test.frame["call_type"][~found.test.frame["call_type"].isin(known)]
    if len(strange):
        kinds = listed(sorted(set(strange.astype(str))))
        said.append(
            f"{len(strange):,} of {calls:,} calls of {found.test.name} are of types that {found.train.name} has none of ({kinds}): what is "
            "played of their handle times, their patience and who takes them is that of all types together."
        )
    compared = found.errors["predicted"].compared
    if calls < CALLS or compared < INTERVALS:
        said.append(
            f"{found.test.name} has {calls:,} call{'s' * (calls != 1)} and {compared} interval{'s' * (compared != 1)} with enough of them "
            f"to compare: too few to judge a prediction by; {CALLS} calls and {INTERVALS} intervals are the least that say much."
        )
    if found.learned.weighted != "days":
        said.append(
            f"{found.train.name} has too few days to tell how days differ; {found.learned.weighted} were drawn in their place, so the "
            "bands are too narrow."
        )
    if found.volume is not None:
        volume = found.volume
        if volume.learned_from < FEWEST_DAYS:
            said.append(
                f"The calls are forecast from {volume.learned_from} days; `ccsim forecast` asks for {FEWEST_DAYS}, with each weekday seen "
                "twice. How far the level moves and how one weekday differs from another is mostly guessed, and the bands are wide for it."
            )
        outside = counted(volume, found.on.start, found.on.calls).outside
        if outside > OUTSIDE * calls:
            said.append(
                f"{outside:,.0f} of the {calls:,} calls of {found.test.name} came at times for which none were foretold: on weekdays not "
                "seen, on days taken for closed, or outside the hours that the training days have."
            )
    return said
