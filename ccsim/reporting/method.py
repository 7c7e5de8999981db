"""What a report says of its method: the items of the STRESS-DES checklist, and the sources that the method rests on."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from ccsim import __version__
from ccsim.engine.duty import never_closes
from ccsim.reporting.answer import demand_words
from ccsim.reporting.wording import duration

if TYPE_CHECKING:
    from ccsim.experiment.result import Result
    from ccsim.inputs import Scenario

_ALWAYS = (
    "Monks, T., Currie, C., Onggo, B. S., Robinson, S., Kunc, M. and Taylor, S. (2019). Strengthening the reporting of empirical "
    "simulation studies: introducing the STRESS guidelines. Journal of Simulation 13(1). The items of the table above.",
    "Steele, G., Lea, D. and Flood, C. (2014). Fast splittable pseudorandom number generators. OOPSLA. The random numbers.",
    "Asmussen, S. and Glynn, P. (2007). Stochastic Simulation. Springer. Intervals of means, ratios and percentiles.",
    "Nakayama, M. (2014). Confidence intervals for quantiles using sectioning. ACM TOMACS 24(4). Intervals of percentiles.",
    "Clopper, C. and Pearson, E. (1934). The use of confidence or fiducial limits illustrated in the case of the binomial. Biometrika "
    "26(4). Chances that a day misses the target.",
)
_FORMULA = (
    "Green, L., Kolesar, P. and Soares, J. (2001). Improving the SIPP approach for staffing service systems that have cyclic demands. "
    "Operations Research 49(4). Required agents, interval by interval.",
)
_PATIENCE = (
    "Palm, C. (1957). Research on telephone traffic carried by full availability groups; Garnett, O., Mandelbaum, A. and Reiman, M. "
    "(2002). Designing a call center with impatient customers. M&SOM 4(3). Callers who hang up, and required agents where they do.",
)
_ERLANG = (
    "Erlang, A. K. (1917). Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges. "
    "The formula that the answer is set against.",
)


def sources(result: Result, explained: bool) -> list[str]:
    """The sources that this run's method rests on."""
    scenario = result.scenario
    formula = any((row.get("required_agents") or {}).get("mean") is not None for row in result.to_dict()["intervals"])
    patient = all(call.patience is None for call in scenario.calls.values())
    return [*_ALWAYS, *(_FORMULA if formula else ()), *(() if patient else _PATIENCE), *(_ERLANG if explained else ())]


def stress_items(result: Result) -> list[tuple[str, str]]:
    """The items of STRESS-DES for this run, as far as a program can know them; what only its user knows is said to be so."""
    scenario = result.scenario
    horizon = f"{scenario.days} consecutive day{'s' * (scenario.days != 1)} from {scenario.date}"
    start = (
        "The last evening's shifts on duty and no calls"
        if never_closes(scenario.horizon)
        else "No calls, and those on duty whose shifts are"
    )
    seeds = f"seed {result.seed}; each caller, agent and purpose has draws of its own, by a counter-based generator (SplitMix64)"
    busy = "given the day's busyness; callers and agents are independent but for what the scenario says"
    return [
        ("1.1 Purpose", "To be told by whoever uses the answer: a scenario file does not say what it is for."),
        (
            "1.2 Model outputs",
            "Waits, service levels, hang-ups, occupancy, staff by interval, risk and cost, as the measures' reference says.",
        ),
        ("1.3 Aims of experimentation", f"To estimate these for one scenario against its target: {demand_words(scenario)}."),
        (
            "2.1 Overview",
            "A scenario is written; days are drawn from it; the floor plays them; measures are read off and become estimates.",
        ),
        ("2.2 Logic of the model", "The rules of the floor (docs/rules-of-the-floor.md), played by two engines that agree call by call."),
        ("2.3 Logic of scenarios", "One scenario; its keys and values stand under Assumptions."),
        ("2.4 Algorithms", "A loop over events; first calls, handle times, patience and absences are drawn before the clock starts."),
        ("2.5 Components", _components(scenario)),
        ("3.1 Data sources", "As the scenario's file tells them."),
        ("3.2 Input parameters", "Under Assumptions, as written."),
        ("3.3 Preprocessing", "None by the program, but for columns read from the CSV files that the scenario names."),
        ("3.4 Assumptions", f"Calls arrive by a Poisson process whose rate is constant within an interval, {busy}."),
        ("4.1 Initialisation", f"{start}; warm-up {duration(scenario.warm_up)}."),
        ("4.2 Run length", f"{horizon}, played {result.replications:,} times."),
        ("4.3 Estimation", "Independent replications; 95 % intervals over them."),
        ("5.1 Software", f"ccsim {__version__}, engine {result.engine}, Python {platform.python_version()}."),
        ("5.2 Random sampling", f"{seeds[0].upper()}{seeds[1:]}; laws by inversion, but Erlang and gamma."),
        ("5.3 Model execution", "Event by event; simultaneous events in the order that the rules state."),
        (
            "5.4 System",
            f"{platform.system()} on {platform.machine()}; the same seed gives the same numbers whatever the number of workers.",
        ),
        ("6.1 Access to the model", "The scenario file, the seed and the version of ccsim above play it again."),
    ]


def _components(scenario: Scenario) -> str:
    """What the model is made of: call types, groups, pools, lines."""
    parts = [f"call types: {', '.join(scenario.calls)}", f"groups of agents: {', '.join(scenario.staff) or 'none'}"]
    if scenario.contingent:
        parts.append(f"pools of contingents: {', '.join(scenario.contingent)}")
    if scenario.events:
        parts.append(f"events: {', '.join(scenario.events)}")
    parts.append(f"lines: {'unlimited' if scenario.lines is None else scenario.lines}")
    return "; ".join(parts)
