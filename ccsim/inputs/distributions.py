"""Laws of handle times, patience and notice, checked for consistency and put in one form."""

from __future__ import annotations

import math
from typing import Literal

from ccsim.inputs.demand import read_series
from ccsim.inputs.faults import Fault, Path
from ccsim.inputs.files import Folder
from ccsim.inputs.frozen import Floats, Frozen, floats
from ccsim.inputs.horizon import Horizon
from ccsim.inputs.keys import DistributionKeys, HandleTimeKeys, PatienceKeys
from ccsim.units import format_duration

Kind = Literal["exponential", "lognormal", "gamma", "weibull", "erlang", "uniform", "constant", "hyperexponential", "values"]
_TAKES = {
    "exponential": ("cv",),
    "lognormal": ("cv",),
    "gamma": ("cv", "shape"),
    "weibull": ("cv", "shape"),
    "erlang": ("cv", "phases"),
    "uniform": ("cv", "from_", "to"),
    "constant": ("cv",),
    "hyperexponential": ("cv",),
}


class Distribution(Frozen):
    """A law of durations [s]. `mean` is one number, or one for each interval of arrival; the cv and shape are the same in all of them.

    A hyperexponential has two phases of balanced means. `values` are drawn from with replacement, all alike.
    """

    kind: Kind
    mean: float | Floats  # s
    cv: float
    shape: float | None = None  # weibull and gamma
    phases: int | None = None  # erlang
    low: float | None = None  # uniform [s]
    high: float | None = None  # uniform [s]
    values: Floats | None = None  # s


def constant(seconds: float) -> Distribution:
    """The law that is always `seconds`."""
    return Distribution(kind="constant", mean=seconds, cv=0.0)


def build_distribution(
    told: float | DistributionKeys, path: Path, default: Kind, horizon: Horizon, folder: Folder, zero: bool = False
) -> Distribution:
    """The law that a file gives at `path`, `default` being its family where the file names none.

    Raises `Fault` where the numbers contradict each other, something is missing, or a mean of 0 s makes no sense (unless `zero`).
    """
    if isinstance(told, (int, float)):
        if told == 0 and not zero:
            raise Fault(path, "found 0 s, where a duration longer than 0 s belongs")
        return constant(float(told))
    if told.values is not None:
        return _resampled(told, path, folder)
    if told.column is not None:
        raise Fault((*path, "column"), "`column` goes with `values`, the CSV file that holds it; add `values` or leave it out")
    kind = told.dist or default
    _check_keys(told, kind, path, told.dist is not None)
    if kind == "uniform":
        return _uniform(told, path)
    return _shaped(told, path, kind, _mean(told, path, horizon, folder))


def handle_time_mean(told: HandleTimeKeys, path: Path) -> tuple[float | None, float]:
    """Mean handle time from its parts, None where the file gives no parts, and the share of it during which the line is held."""
    if told.talk is None:
        for name in ("hold", "wrap"):
            if getattr(told, name) is not None:
                raise Fault((*path, name), f"`{name}` goes with `talk`, the mean talk time; add `talk`")
        return None, 1.0
    for name in ("mean", "values", "from_", "to"):
        if getattr(told, name) is not None:
            raise Fault((*path, name.rstrip("_")), f"`{name.rstrip('_')}` and `talk` both say how long a call takes; keep one")
    line = told.talk + (told.hold or 0.0)
    total = line + (told.wrap or 0.0)
    return total, line / total


def patience_mean(told: PatienceKeys, path: Path) -> float | None:
    """Mean patience from the share who hang up and the mean wait, None where the file gives neither.

    With exponential patience callers hang up at the rate 1 / mean while they wait, so the mean is total wait over hang-ups.
    """
    if told.abandoned is None and told.mean_wait is None:
        return None
    if told.abandoned is None or told.mean_wait is None:
        there, missing = ("mean_wait", "abandoned") if told.abandoned is None else ("abandoned", "mean_wait")
        raise Fault((*path, there), f"`{there}` needs `{missing}` beside it: the mean patience is mean_wait / abandoned")
    for name in ("mean", "values", "from_", "to", "cv", "shape", "phases", "dist"):
        if getattr(told, name) is not None and (name != "dist" or told.dist != "exponential"):
            raise Fault(
                (*path, name.rstrip("_")),
                f"`abandoned` and `mean_wait` give an exponential patience; leave `{name.rstrip('_')}` out, or give `mean`",
            )
    return told.mean_wait / told.abandoned


def _mean(told: DistributionKeys, path: Path, horizon: Horizon, folder: Folder) -> float | Floats:
    """The mean that the file gives, one number or one an interval."""
    parts: float | None = None
    if isinstance(told, HandleTimeKeys):
        parts, _ = handle_time_mean(told, path)
    elif isinstance(told, PatienceKeys):
        parts = patience_mean(told, path)
    if parts is not None:
        if told.mean is not None:
            raise Fault((*path, "mean"), "the mean is given twice, also by its parts; keep one")
        return parts
    if told.mean is None:
        also = (
            ", or `talk`, `hold` and `wrap`"
            if isinstance(told, HandleTimeKeys)
            else ", or `abandoned` and `mean_wait`"
            if isinstance(told, PatienceKeys)
            else ""
        )
        raise Fault(path, f"there is no `mean` here; add one, such as `mean: 5 min`{also}")
    if isinstance(told.mean, float):
        return told.mean
    means = read_series(told.mean, (*path, "mean"), horizon, folder, durations=True)
    if not means.min() > 0:
        raise Fault((*path, "mean"), "a mean of 0 s was found; every interval needs a mean above 0 s, those without calls too")
    return means


def _check_keys(told: DistributionKeys, kind: str, path: Path, named: bool) -> None:
    """Refuse keys of another family, and two keys that say the same."""
    for name in ("shape", "phases", "from_", "to"):
        if getattr(told, name) is not None and name not in _TAKES[kind]:
            word = name.rstrip("_")
            owners = " or ".join(owner for owner, names in _TAKES.items() if name in names)
            which = f"not to {kind}" if named else f"and `dist` is left out, which means {kind}"
            raise Fault((*path, word), f"`{word}` belongs to {owners}, {which}; change `dist` or leave `{word}` out")
    if kind == "uniform":
        for name in ("cv", "mean"):
            if getattr(told, name) is not None:
                raise Fault((*path, name), f"a uniform distribution is given by `from` and `to`; leave `{name}` out")
    if told.shape is not None and told.cv is not None:
        raise Fault((*path, "cv"), "`shape` and `cv` both say how wide the distribution is; keep one")


def _uniform(told: DistributionKeys, path: Path) -> Distribution:
    if isinstance(told, (HandleTimeKeys, PatienceKeys)) and (getattr(told, "talk", None) or getattr(told, "abandoned", None)):
        raise Fault((*path, "dist"), "a uniform distribution is given by `from` and `to`, not by parts of a mean")
    if told.from_ is None or told.to is None:
        raise Fault(path, "a uniform distribution needs `from` and `to`, such as `{dist: uniform, from: 1 min, to: 5 min}`")
    if told.to <= told.from_:
        raise Fault((*path, "to"), f"`to` ({format_duration(told.to)}) must be later than `from` ({format_duration(told.from_)})")
    mean = (told.from_ + told.to) / 2
    return Distribution(kind="uniform", mean=mean, cv=(told.to - told.from_) / math.sqrt(12) / mean, low=told.from_, high=told.to)


def _shaped(told: DistributionKeys, path: Path, kind: str, mean: float | Floats) -> Distribution:
    """A law with a mean and one number for its width."""
    cv = told.cv
    where = (*path, "cv")
    if kind == "constant":
        if cv:
            raise Fault(where, f"a constant does not vary; found a cv of {cv:g}. Leave it out or name another `dist`")
        return Distribution(kind="constant", mean=mean, cv=0.0)
    if kind == "exponential":
        if cv is not None and cv != 1:
            raise Fault(
                where, f"an exponential distribution has a cv of 1; found {cv:g}. For another, name a `dist` such as lognormal or gamma"
            )
        return Distribution(kind="exponential", mean=mean, cv=1.0)
    if kind == "erlang":
        return _erlang(told, path, mean)
    if kind == "hyperexponential":
        if cv is not None and cv < 1:
            raise Fault(where, f"a hyperexponential distribution has a cv of 1 or more; found {cv:g}. Below 1, use gamma or lognormal")
        return Distribution(kind="hyperexponential", mean=mean, cv=1.0 if cv is None else cv)
    if cv == 0:
        # Everybody takes the mean: the limit of each of the families that are left.
        return Distribution(kind="constant", mean=mean, cv=0.0)
    if kind == "lognormal":
        return Distribution(kind="lognormal", mean=mean, cv=1.0 if cv is None else cv)
    if cv is not None and cv < 0.01:
        raise Fault(where, f"found a cv of {cv:g}; a {kind} distribution takes 0.01 or more, or 0 for a constant")
    if kind == "gamma":
        shape = told.shape if told.shape is not None else 1.0 if cv is None else cv**-2
        return Distribution(kind="gamma", mean=mean, cv=shape**-0.5, shape=shape)
    shape = told.shape if told.shape is not None else 1.0 if cv is None else weibull_shape(cv)
    return Distribution(kind="weibull", mean=mean, cv=weibull_cv(shape), shape=shape)


def _erlang(told: DistributionKeys, path: Path, mean: float | Floats) -> Distribution:
    phases = told.phases
    if phases is None:
        if not told.cv:
            raise Fault(path, "an erlang distribution needs its number of `phases`, such as `phases: 3`")
        phases = max(1, round(told.cv**-2))
        if abs(told.cv * math.sqrt(phases) - 1) > 0.005:
            raise Fault(
                (*path, "cv"), f"no erlang distribution has a cv of {told.cv:g}: it is 1 / sqrt(phases). Give `phases`, or use gamma"
            )
    elif told.cv is not None and abs(told.cv * math.sqrt(phases) - 1) > 0.005:
        raise Fault((*path, "cv"), f"{phases} phases have a cv of {phases**-0.5:.3g}, not {told.cv:g}; leave `cv` out")
    return Distribution(kind="erlang", mean=mean, cv=phases**-0.5, phases=phases)


def _resampled(told: DistributionKeys, path: Path, folder: Folder) -> Distribution:
    """The law of drawing from a column of values; its mean and cv are the column's."""
    for name in DistributionKeys.model_fields.keys() | type(told).model_fields.keys():
        if name not in ("values", "column") and getattr(told, name) is not None:
            raise Fault((*path, name.rstrip("_")), f"`values` says everything about the distribution; leave `{name.rstrip('_')}` out")
    assert told.values is not None
    values = floats(folder.numbers((*path, "values"), told.values, told.column, durations=True))
    mean = float(values.mean())
    if not mean > 0:
        raise Fault((*path, "values"), f"all {len(values)} values of {told.values} are 0; at least one must be longer")
    return Distribution(kind="values", mean=mean, cv=float(values.std()) / mean, values=values)


def weibull_cv(shape: float) -> float:
    """Coefficient of variation of a Weibull law: sqrt(G(1 + 2/k) / G(1 + 1/k)^2 - 1), G the gamma function and k the shape.

    >>> round(weibull_cv(1.0), 12)
    1.0
    """
    return math.sqrt(math.expm1(math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape)))


def weibull_shape(cv: float) -> float:
    """Shape of the Weibull law with this coefficient of variation, by bisection of the decreasing `weibull_cv`.

    `cv` is from 0.01 to 20. Good to about 1e-12 of itself; a cv of 1 gives 1.0, the exponential.

    >>> round(weibull_shape(1.0), 12)
    1.0
    """
    low, high = math.log(0.05), math.log(1000.0)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if weibull_cv(math.exp(middle)) > cv else (low, middle)
    return math.exp((low + high) / 2)
