"""Twenty people of whom each is away on 30 % of days are not fourteen. Run by `make demo`."""

from __future__ import annotations

from math import comb

import ccsim
from ccsim.theory import ErlangC

CALLS_A_SECOND, HANDLE_TIME, WAIT = 100 / 1800, 180.0, 20.0
DAYS = 2_000


def answered_in_time(agents: int) -> float:
    """Share answered within 20 s by Erlang C; 0 in overload."""
    return float(ErlangC(CALLS_A_SECOND, HANDLE_TIME, agents).service_level(WAIT))


def in_the_long_run(roster: int, absent: float) -> float:
    """Share answered within 20 s over many long days: Erlang C at each number present, an overloaded day counting as nothing."""
    days = (comb(roster, present) * (1 - absent) ** present * absent ** (roster - present) for present in range(roster + 1))
    return sum(chance * answered_in_time(present) for present, chance in enumerate(days) if present)


def simulated(name: str) -> tuple[str, float]:
    """The simulated share with its 95 % interval, in words, and the share of days on which 80 % were answered in time."""
    measures = ccsim.run(ccsim.load(f"scenarios/{name}.yaml"), replications=DAYS).measures
    row = measures.loc["service_level_offered"]
    return f"{row['mean']:.1%} ({row['low']:.1%} to {row['high']:.1%})", float(measures.loc["target_met", "mean"])


def main() -> None:
    """Print the trap in words."""
    present, always = simulated("textbook-fourteen-present")
    rostered, often = simulated("textbook-30-percent-absence")
    by_luck, mostly_planned = in_the_long_run(20, 0.30), in_the_long_run(15, 1 / 15)
    print(f"""
The textbook's trap: 100 calls in half an hour, 180 s each, 80 % of them to be answered within 20 s. {DAYS:,} days of each are simulated.
  14 agents present         Erlang C says {answered_in_time(14):.1%}. Simulated: {present}; 80 % held on {always:.0%} of days.
  14 / 0.7 = 20 rostered    If each of the 20 is absent on 30 % of days, by luck of their own: {by_luck:.1%} in the long run, counting
                            overloaded days as nothing. Simulated: {rostered}; 80 % held on {often:.0%} of days.
  15 rostered               Were only 1 in 15 away by luck, with 14 there on average as before: {mostly_planned:.1%} in the long run.
It is luck, not the percentage, that costs the calls: plan the part of shrinkage that is known, and staff for the risk of the rest.
""")


if __name__ == "__main__":
    main()
