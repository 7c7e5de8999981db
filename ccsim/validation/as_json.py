"""A back-test as plain dictionaries, lists and numbers: what `ccsim backtest --json` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ccsim import __version__
from ccsim.validation.reading import MEASURES
from ccsim.validation.split import split
from ccsim.validation.trust import warnings
from ccsim.validation.volume import Volume, counted, counted_by_type

if TYPE_CHECKING:
    from ccsim.validation.backtest import Backtest
    from ccsim.validation.paths import Answer, Errors


def backtest_dict(found: Backtest) -> dict[str, Any]:
    """Everything that was compared; null where there is no number (an overloaded Erlang C queue waits without end)."""
    learned = found.learned
    others = {name: _model(answer, found.errors[name]) for name, answer in found.models.items()}
    predicted = others.pop("predicted")
    return {
        "ccsim": __version__,
        "train": {"records": found.train.name, "days": found.train.days, "calls": len(found.train.arrival)},
        "test": {
            "records": found.test.name,
            "days": found.test.days,
            "calls": len(found.test.arrival),
            "blocked_calls_left_out": found.test.blocked,
            "staff_inferred": found.test.inferred,
        },
        "seed": found.seed,
        "replications": found.draws,
        "interval": found.on.length,
        "given": "calls" if found.volume is None else "forecast",
        "target_wait": found.threshold,
        "short_abandon": found.short,
        "predicted": predicted,
        "actual": _overall(found.actual.overall),
        "bands": number(found.errors["predicted"].bands),
        **others,
        "warnings": warnings(found),
        **({} if found.volume is None else {"volume": _volume(found, found.volume)}),
        "intervals": _intervals(found),
        "unexplained": {name: _model(answer, off) for name, (answer, off) in found.causes.items()},
        "split": [
            {"cause": one.cause, "moves": number(one.moves), "error": number(one.error), "error_by_luck_alone": number(one.luck)}
            for one in split(found)
        ],
        "parameter_share_of_variance": number(found.parameter_share),
        "learned": {
            "time_taken": number(learned.occupied[0].mean),
            "of_which_pause_after_the_call": number(learned.occupied[0].pause),
            "plain_handle_time": number(learned.plain.handle_time),
            "hung_up": learned.hung_up,
            "plain_patience": number(learned.plain.patience),
            "order_of_answering": {
                "answers_looked_at": learned.order.answers,
                "longest_waiting": number(learned.order.longest),
                "highest_priority": number(learned.order.priority),
                "with_credit": number(learned.order.with_credit),
                "credit": number(learned.order.credit),
            },
            "people_who_do_not_take_all_types": len(learned.skills.known),
            "parameters_drawn_by": learned.weighted,
        },
    }


def _volume(found: Backtest, volume: Volume) -> dict[str, Any]:
    """What was foretold of the calls, beside what came."""
    told = counted(volume, found.on.start, found.on.calls)
    return {
        "by": "forecast",
        "training_days": volume.learned_from,
        "foretold": told.foretold,
        "came": told.came,
        "came_where_none_foretold": told.outside,
        "error": number(told.error),
        "error_of_mean_of_eight_weeks": number(told.error_of_mean),
        "bands": number(told.inside),
        "in_parameter_share": False,  # what is not known of the calls is drawn with each path, as luck is
        "call_types": {
            name: {
                "foretold": one.foretold,
                "came": one.came,
                "error": number(one.error),
                "error_of_mean_of_eight_weeks": number(one.error_of_mean),
                "bands": number(one.inside),
            }
            for name, one in counted_by_type(volume, found.on.start, found.test.coming).items()
        },
        "notes": list(volume.notes),
        "intervals": [
            {"start": str(np.datetime64(int(start), "s"))[:16], "mean": mean, "low": low, "high": high}
            for start, mean, low, high in zip(
                volume.start.tolist(), volume.whole.mean.tolist(), volume.whole.low.tolist(), volume.whole.high.tolist(), strict=True
            )
        ],
    }


def number(value: Any) -> float | None:
    """A plain number, or None where it is not finite."""
    return float(value) if np.isfinite(value) else None


def _overall(told: dict[str, float]) -> dict[str, float | None]:
    return {name: number(told[name]) for name in MEASURES if name in told}


def _model(answer: Answer, off: Errors) -> dict[str, Any]:
    told: dict[str, Any] = _overall(answer.overall)
    if answer.low:
        told["low"], told["high"] = _overall(answer.low), _overall(answer.high)
    told["bands"] = number(off.bands)
    told["mean_absolute_error"] = {
        "mean_wait": number(off.mean_wait),
        "abandoned_fraction": number(off.abandoned_fraction),
        "service_level_offered": number(off.service_level),
    }
    if answer.luck:
        luck = {**answer.luck, "service_level_offered": answer.luck["service_level"]}
        told["error_by_luck_alone"] = {name: number(luck[name]) for name in ("mean_wait", "abandoned_fraction", "service_level_offered")}
    return told


def _intervals(found: Backtest) -> list[dict[str, Any]]:
    rows = []
    for place, start in enumerate(found.on.start):
        row: dict[str, Any] = {
            "start": str(np.datetime64(int(start), "s"))[:16],
            "agents_on_duty": number(found.agents[place]),
            "actual": _at(found.actual, place),
        }
        for name, answer in found.models.items():
            row[name] = _at(answer, place)
            if len(answer.low_wait):
                row[name]["low"], row[name]["high"] = number(answer.low_wait[place]), number(answer.high_wait[place])
        rows.append(row)
    return rows


def _at(answer: Answer, place: int) -> dict[str, float | None]:
    return {name: number(answer.intervals[name][place]) for name in MEASURES if name in answer.intervals}
