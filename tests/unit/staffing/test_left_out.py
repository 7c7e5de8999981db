"""What required agents leave out is told by a run and by `ccsim staff`, from one list."""

from __future__ import annotations

import pytest

from ccsim.errors import InputError
from ccsim.inputs import loads
from ccsim.reporting.answer import no_formula_words, required_words
from ccsim.staffing.left_out import left_out, left_out_words
from ccsim.staffing.requirement import requirement

HEAD = "open: 08:00-18:00\ninterval: 1 h\ntarget: {wait: 20 s, share: 80 %}\n"
CALL = "volume: 300, handle_time: {mean: 3 min}, patience: {mean: 3 min}"
PLAIN = f"calls:\n  a: {{{CALL}}}\nstaff:\n  h: {{agents: 8, shift: 08:00-18:00}}\n"


def test_a_plain_centre_leaves_nothing_out() -> None:
    assert left_out(loads(HEAD + PLAIN)) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("agents: 8", "agents: 8, handle_time_factor: 1.5"), "handle-time factors"),
        (("agents: 8", "agents: 8, handle_time_spread: 0.2"), "spreads of handle time"),
        (("agents: 8", "agents: 8, learning: {first_week: 1.5, weeks: 4, service: 0 days}"), "learning"),
        (("open:", "lines: 30\nopen:"), "lines"),
        (("volume: 300", "volume: 300, busyness_cv: 0.1"), "busyness"),
        (("volume: 300", "volume: 300, channel: chat"), "several chats at once"),
        (("volume: 300", "volume: 300, announcement: 15 s"), "announcements"),
        (("volume: 300", "volume: 300, callback: {offer_at: 3 min, accept: 0.5}"), "call-backs"),
        (("volume: 300", "volume: 300, redial: {chance: 0.4, after: {mean: 10 min}}"), "redials"),
        (("staff:", "events: {storm: {from: 10:00, to: 12:00, volume: 5, chance: 99 %}}\nstaff:"), "the possible event storm"),
        (("staff:", "events: {out: {from: 14:00, to: 15:00, serve: none}}\nstaff:"), "what the event out does besides volume"),
        (("staff:", "events: {slow: {from: 14:00, to: 15:00, handle_time: 3}}\nstaff:"), "what the event slow does besides volume"),
        (("staff:", "known: {at: 10:00, calls: {a: 50}}\nstaff:"), "the calls counted by 10:00"),
        (
            ("staff:", "shrinkage: {ns: {share: 60 %, kind: absence, no_show: true, ends_after: 1, paid: false}}\nstaff:"),
            "employments that end",
        ),
    ],
)  # fmt: skip
def test_what_is_left_out_is_said_by_both(change: tuple[str, str], words: str) -> None:
    scenario = loads((HEAD + PLAIN).replace(*change, 1))
    assert left_out_words(scenario) == (words,)
    assert required_words(scenario).endswith(f": {words} left out.")
    (told,) = left_out(scenario)
    assert told.sentence in requirement(scenario).notes


def test_a_certain_event_on_the_volume_is_not_left_out() -> None:
    scenario = loads(HEAD + PLAIN + "events: {storm: {from: 10:00, to: 12:00, volume: 5}}\n")
    assert left_out(scenario) == ()
    assert any("what is certain to happen: storm" in note for note in requirement(scenario).notes)


def test_where_shrinkage_leaves_nobody_the_refusal_names_the_line_and_a_run_says_why() -> None:
    strike = "{kind: KIND, chance: 100 %, by: {mean: 5 h, dist: constant}}"
    lost = f"shrinkage:\n  late: {strike.replace('KIND', 'late')}\n  early: {strike.replace('KIND', 'early')}\n"
    scenario = loads(HEAD + PLAIN + lost)
    with pytest.raises(InputError, match=r"line 8, column 1: `shrinkage`: the shrinkage of h adds up to 100 %: nobody would"):
        requirement(scenario)
    (said,) = no_formula_words(scenario)
    assert said.startswith("No required agents, and no formula's answer: ")
    assert "line 8" in said
    assert no_formula_words(loads(HEAD + PLAIN)) == []


def test_a_break_before_log_in_takes_no_overrun_from_the_shift() -> None:
    from ccsim.staffing.crews import shrinkage_of

    def used(breaks: str) -> float:
        group = f"agents: 8, breaks: [{breaks}], break_overrun: 10 min"
        return shrinkage_of(loads((HEAD + PLAIN).replace("agents: 8", group)), "h")[0]

    assert used("'08:00 for 15 min'") == 0.0
    assert used("'08:00 for 15 min', '10:00 for 15 min'") == pytest.approx(1 / 60)
    assert used("15 min between 08:00 and 10:00") == pytest.approx(7 / 8 / 60)  # all but the first person's
