"""Why a simulated answer is not Erlang's, nor another scenario's, nor what happened: the gap taken apart step by step.

    formula      the first bars: what Erlang C and Erlang A say of the plan
    features     what a scenario has that the formulas do not know, and how it is without
    gap          bars, steps between them, and their intervals
    erlang       from Erlang C to the simulated answer, one feature at a time
    between      from one scenario to another, one group of keys at a time
    actuals      what a file says that happened, by interval
    happened     from a plan to what happened

Every step changes one thing. All simulated bars are played on the same days (the same luck by owner), so that a step is a paired
difference, and the steps add up to the whole gap.
"""

from __future__ import annotations

from ccsim.staffing.explain.ask import explain
from ccsim.staffing.explain.gap import Bar, Explanation, Step

__all__ = ["Bar", "Explanation", "Step", "explain"]
