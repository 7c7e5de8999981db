"""The calculator and `ccsim erlang`: each question is answered in the right model, in JSON and in words, and never with nonsense."""

from __future__ import annotations

import json
import math

import pytest
from click.testing import CliRunner

from ccsim.cli import group
from ccsim.errors import InputError
from ccsim.theory import ErlangA, ImpatientQueue, Question, Targets, describe, erlang_b, patience_law, redialling

RATE, HANDLE = 100 / 1800, 180.0
PLAIN = ["--calls", "100", "--per", "30 min", "--handle-time", "180 s", "--threshold", "20 s"]
KEYS = {
    "model", "offered_load", "required_agents", "scheduled_agents", "agents", "delay_probability", "mean_wait", "average_speed_of_answer",
    "abandoned_fraction", "blocked_fraction", "occupancy", "service_level_offered", "service_level_answered",
    "service_level_excluding_short_abandons", "service_level_counting_short_abandons", "wait_p90",
}  # fmt: skip


def ask(*options: str) -> dict[str, object]:
    """Return what `ccsim erlang --json` prints for the plain question with these options."""
    done = CliRunner().invoke(group, ["erlang", *PLAIN, *options, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_the_fewest_agents_by_erlang_c_and_those_scheduled() -> None:
    found = ask("--target-share", "0.8", "--shrinkage", "30 %")
    assert found.keys() >= KEYS
    assert (found["model"], found["required_agents"], found["scheduled_agents"], found["agents"]) == ("Erlang C", 14, 20, 14)
    assert found["service_level_offered"] == pytest.approx(0.8883500191794669, rel=1e-12)
    assert found["notes"] == []


def test_what_one_more_agent_buys_is_in_the_rows_around() -> None:
    around = ask("--agents", "14")["around"]
    assert [row["agents"] for row in around] == [11, 12, 13, 14, 15, 16, 17]
    levels = [row["service_level_offered"] for row in around]
    assert levels == sorted(levels)


def test_each_question_is_answered_in_its_model() -> None:
    exponential = ask("--agents", "12", "--patience", "5 min")
    assert exponential["model"] == "Erlang A"
    assert exponential["abandoned_fraction"] == pytest.approx(ErlangA(RATE, HANDLE, 12, 300.0).abandoned_fraction, rel=1e-12)
    lognormal = ask("--agents", "12", "--patience", "5 min", "--patience-dist", "lognormal", "--patience-cv", "1.2", "--lines", "20")
    exact = ImpatientQueue(RATE, HANDLE, 12, patience_law(300.0, "lognormal", 1.2), lines=20)
    assert lognormal["model"] == "M/M/n/K+G"
    assert lognormal["blocked_fraction"] == pytest.approx(exact.blocked_fraction, rel=1e-12)
    assert lognormal["wait_p90"] == pytest.approx(exact.wait_quantile(0.9), rel=1e-9)
    loss = ask("--agents", "14", "--lines", "14")
    assert loss["model"] == "Erlang B"
    assert loss["blocked_fraction"] == pytest.approx(erlang_b(14, 10.0), rel=1e-10)


def test_redials_add_attempts_and_the_callers_never_answered() -> None:
    found = ask("--agents", "11", "--patience", "2 min", "--redial", "50 %")
    exact = redialling(RATE, HANDLE, 11, 0.5, patience=120.0)
    assert found["attempts_per_caller"] == pytest.approx(exact.attempts_per_caller, rel=1e-12)
    assert found["lost_fraction"] == pytest.approx(0.061941, abs=1e-6)


def test_every_target_given_is_met() -> None:
    assert ask("--target-asa", "60 s")["agents"] == 12
    assert ask("--max-occupancy", "0.6")["agents"] == 17
    assert ask("--target-share", "80 %", "--max-occupancy", "60 %")["agents"] == 17
    assert ask("--target-abandoned", "0.05", "--patience", "5 min")["agents"] == 12
    assert ask("--target-share", "0.9", "--variant", "answered", "--patience", "2 min")["agents"] == 13
    assert ask()["agents"] == 14


def test_an_overloaded_queue_is_said_to_be_and_its_waits_are_null() -> None:
    found = ask("--agents", "9")
    assert (found["delay_probability"], found["mean_wait"], found["wait_p90"]) == (1.0, None, None)
    assert found["service_level_offered"] == 0.0
    assert any("Overloaded" in note for note in found["notes"])


def test_everyone_calling_until_answered_is_said_to_have_no_end() -> None:
    found = ask("--agents", "9", "--patience", "1 min", "--redial", "1")
    assert found["attempts_per_caller"] is None
    assert any("Overloaded" in note for note in found["notes"])


@pytest.mark.parametrize("agents", ["0", "1", "9.5", "400"])
@pytest.mark.parametrize("more", [[], ["--patience", "1 s"], ["--patience", "60 s", "--patience-dist", "constant"], ["--redial", "0.9"]])
@pytest.mark.parametrize("calls", ["0", "0.001", "100", "100000"])
def test_no_question_gets_a_probability_out_of_range_or_a_negative_wait(agents: str, more: list[str], calls: str) -> None:
    found = ask("--agents", agents, *more, "--calls", calls)
    for row in [found, *found["around"]]:
        for name, value in row.items():
            if name.startswith(("service_level", "delay", "abandoned", "blocked", "occupancy", "lost")):
                assert 0.0 <= value <= 1.0, (name, value)
            elif "wait" in name or "speed" in name:
                assert value is None or value >= 0.0


@pytest.mark.parametrize(
    "options, said",
    [
        (["--agents", "-1"], "agents is -1"),
        (["--agents", "many"], "not a number"),
        (["--handle-time", "180"], "without a unit"),
        (["--handle-time", "0 s"], "handle time is 0"),
        (["--per", "0 s"], "--per is 0 s"),
        (["--target-share", "1"], "share is 1"),
        (["--target-share", "80"], "more than 1"),
        (["--patience-cv", "2"], "need the mean"),
        (["--patience", "60 s", "--patience-dist", "pareto"], "give one of"),
        (["--agents", "14", "--lines", "10"], "fewer lines than agents"),
        (["--target-share", "0.99", "--lines", "12"], "more lines"),
        (["--variant", "best", "--target-share", "0.8"], "variant is 'best'"),
        (["--shrinkage", "1", "--agents", "3"], "shrinkage is 1"),
    ],
)
def test_questions_that_make_no_sense_get_a_sentence(options: list[str], said: str) -> None:
    done = CliRunner().invoke(group, ["erlang", *PLAIN, *options])
    words = done.output if done.exception is None or isinstance(done.exception, SystemExit) else str(done.exception)
    assert done.exit_code != 0
    assert done.exception is None or isinstance(done.exception, (SystemExit, InputError))
    assert said in " ".join(words.split())


def test_the_table_for_people_names_model_answer_and_each_service_level() -> None:
    done = CliRunner().invoke(group, ["erlang", *PLAIN, "--target-share", "0.8", "--patience", "5 min", "--shrinkage", "0.3"])
    assert done.exit_code == 0
    for words in ("Erlang A, 10.0 erlangs", "13 agents on duty are the fewest", "19 scheduled", "hung up", "missed", "met", "÷ offered"):
        assert words in done.output


def test_a_question_without_agents_or_target_is_refused() -> None:
    with pytest.raises(InputError, match="neither agents nor a target"):
        describe(Question(RATE, HANDLE))
    assert describe(Question(RATE, HANDLE, agents=9)).row["mean_wait"] == math.inf
    assert describe(Question(RATE, HANDLE, agents=12, targets=Targets(20.0, 0.8))).notes == ["12 agents miss the target; 14 would meet it."]
