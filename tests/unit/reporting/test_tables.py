"""The tables for a terminal."""

from __future__ import annotations

import io
from types import SimpleNamespace

import numpy as np
from rich.console import Console

from ccsim.reporting.tables import MOST_ROWS, clocks, show_run
from ccsim.staffing import Beside
from tests.unit.reporting.played import entry, result


def printed(played: object, width: int = 140, formula: Beside | None = None) -> str:
    out = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    show_run(out, played, formula)  # type: ignore[arg-type]
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def row(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_an_interval_that_misses_the_target_is_marked_without_colour() -> None:
    text = printed(result())
    assert row(text, "08:30").startswith("08:30 *")
    assert "*" not in row(text, "08:00") + row(text, "09:00")


def test_each_interval_shows_staffing_waits_and_shares() -> None:
    cells = row(printed(result()), "08:30").split()
    assert cells == "08:30 * 100 20 14 14 0 1.5 40 s 80.0 % 2.0 % 80.0 % 80.0 %".split()


def test_an_overloaded_formula_says_overload_and_not_infinity() -> None:
    numbers = np.array([14.0, 9.0, 14.0])
    formula = Beside(
        "Erlang C", numbers, np.full(3, 10.0), np.array([0.9, 0.0, 0.9]), np.array([8.0, np.inf, 8.0]), np.array([False, True, False])
    )
    text = printed(result(), formula=formula)
    assert row(text, "08:30").split()[-3:] == ["0.0", "%", "overload"]
    assert row(text, "08:00").split()[-4:] == ["90.0", "%", "8.0", "s"]
    assert "inf" not in text


def test_a_centre_without_contingents_has_no_column_for_them() -> None:
    assert "contin-" in printed(result())
    assert "contin-" not in printed(result(pool=False))


def test_a_narrow_terminal_keeps_what_matters_on_one_line() -> None:
    cells = row(printed(result(), width=90), "08:30").split()
    assert cells == "08:30 * 100 14 14 0 1.5 40 s 80.0 % 80.0 %".split()


def test_text_of_a_scenario_is_never_markup() -> None:
    assert printed(result()).splitlines()[0] == "Three intervals [b] $x_1$"


def test_days_after_the_first_begin_with_their_date() -> None:
    text = printed(result(days=2))
    assert "\n2027-04-12 08:00 " in text
    assert "\n2027-04-13 08:00 " in text
    assert text.count("2027-04-13") == 1


def test_very_many_intervals_are_cut_to_the_worst_and_that_is_said() -> None:
    text = printed(result(days=40))
    assert f"The {MOST_ROWS // 4} worst of 120 intervals" in text
    assert "09:00" not in text.partition("By interval")[2]


def test_an_interrupted_run_says_how_much_was_finished() -> None:
    played = result()
    played.interrupted = True
    assert "Interrupted: these are the 200 days that were finished." in printed(played)


def aimed(asked: str, reached: bool, half_width: float = 0.004) -> SimpleNamespace:
    played: SimpleNamespace = result()
    played.precision_reached, played.aimed_at = reached, ("service_level_offered", asked)
    played.half_width = lambda measure: (0.9, half_width)
    return played


def test_a_precision_that_was_not_reached_is_said_with_how_far_it_got() -> None:
    played = aimed("0.1 pt", False)
    played.precision_missed = "after 200 replications, the most there may be, service_level_offered is known to 0.4 pt, not to 0.1 pt"
    assert "The precision asked for was not reached. After 200 replications, the most there may be" in printed(played)
    assert "is known to ± 0.4 pt after 200 days, not to 0.1 pt." in printed(aimed("0.1 pt", False))


def test_a_precision_that_was_reached_is_said_with_its_measure() -> None:
    assert "was known to 0.5 pt: ± 0.4 pt after 200 days." in printed(aimed("0.5 pt", True))


def test_a_part_of_a_share_that_may_have_meant_points_is_pointed_out() -> None:
    assert "50 % is a part of the measure itself, here of 90.0 %; for points of the share write 50 pt." in printed(aimed("50 %", True))
    assert "for points of the share" not in printed(aimed("2 %", True))


def test_a_measure_that_luck_does_not_move_has_no_precision_to_wait_for() -> None:
    assert "All 200 days gave the same" in printed(aimed("0.5 pt", True, 0.0))


def test_a_title_cannot_steer_the_terminal() -> None:
    played = result()
    played.scenario = played.scenario.model_copy(update={"title": "quiet\x1b[2J\x07day"})
    assert not {"\x1b", "\x07"} & set(printed(played))


def test_call_types_stand_side_by_side_with_what_their_calls_came_of() -> None:
    played = result()
    calls = {"offered": entry(120.0, 2.0, "calls a day"), "mean_wait": entry(12.0, 1.0, "s")}
    later = {
        "first_calls": entry(100.0, 2.0, "calls a day"), "redials": entry(20.0, 1.0, "calls a day"),
        "repeats": entry(0.0, 0.0, "calls a day"), "attempts_per_caller": entry(1.2, 0.01, "calls a caller"),
        "lost_fraction": entry(0.05, 0.004, "share"),
    }  # fmt: skip
    played.to_dict()["call_types"] = {"sales": {**calls, **later}, "billing": calls}
    text = printed(played)
    assert row(text, "sales").split() == "sales 120 (± 2.0) 12 s (± 1.0)".split()
    beside = text.partition("What their calls came of, a day")[2]
    assert row(beside, "sales").split() == "sales 120 (± 2.0) 100 (± 2.0) 20.0 (± 1.0) 1.20 (± 0.01) 5.0 % (± 0.4)".split()
    assert "repeats" not in beside
    played.to_dict()["call_types"] = {"sales": calls, "billing": calls}
    assert "What their calls came of" not in printed(played)


def test_a_history_of_all_calls_offered_is_told_with_its_first_calls() -> None:
    played = result()
    played.to_dict()["first_calls"] = {"support": {"first": 240.0, "offered": 300.0}}
    assert "support: of 300 calls a day in the volume 240 are first calls" in printed(played)


def test_work_that_is_left_out_of_the_waits_is_named() -> None:
    assert "work (" not in printed(result())
    played = result()
    support = played.scenario.calls["support"]
    letters = support.model_copy(update={"name": "letters", "channel": "work"})
    played.scenario = played.scenario.model_copy(update={"calls": {"support": support, "letters": letters}})
    assert "work (letters) stands among the call types" in printed(played)


def test_the_worst_of_many_intervals_are_each_known_by_their_date() -> None:
    """The worst of 40 days are their middle ones, each alone on its day."""
    worst = printed(result(days=40)).partition("worst of 120 intervals")[2]
    assert "\n2027-04-13 08:30 *" in worst
    assert clocks(["2027-04-13T08:30", "2027-04-13T09:00"], dated=True) == ["2027-04-13 08:30", "           09:00"]


def test_what_is_left_at_the_end_stands_beside_each_type_where_several_have_any() -> None:
    played = result()
    one, none = ({"offered": entry(120.0, 2.0, "calls a day"), "unsettled": entry(left, 0.0, "calls a day")} for left in (3.0, 0.0))
    played.to_dict()["call_types"] = {"letters": one, "orders": one, "sales": none}
    text = printed(played)
    assert "left at the end" in text
    assert row(text, "orders").split()[-1] == "3.0"
    played.to_dict()["call_types"] = {"letters": one, "sales": none}
    assert "left at the end" not in printed(played)


def test_nobody_hangs_up_who_does_not_call() -> None:
    played = result()
    support = played.scenario.calls["support"]
    letters = support.model_copy(update={"name": "letters", "channel": "work"})
    played.scenario = played.scenario.model_copy(update={"calls": {"support": support, "letters": letters}})
    always = {"offered": entry(9.0, 1.0, "calls a day"), "abandoned_fraction": {"mean": 0.0, "low": 0.0, "high": 0.0149, "unit": "share"}}
    played.to_dict()["call_types"] = {"support": always, "letters": always}
    text = printed(played)
    assert row(text, "support").endswith("0.0 % (every day)")
    assert row(text, "letters").rstrip().endswith("–")
