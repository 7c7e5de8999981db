"""The activation card: consistent in itself, and a look ahead that agrees with the exact chain."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from ccsim.contingent import card_cells
from ccsim.contingent.card import Card, Row, card, cards, row_at
from ccsim.contingent.card_cells import consistent
from ccsim.contingent.chain import expected_over
from ccsim.engine import duty
from ccsim.engine.draws import Drawer
from ccsim.engine.reference import play as play_reference
from ccsim.errors import InputError
from ccsim.inputs import load, loads
from ccsim.inputs.contingent import warn_of_cards
from ccsim.reporting.card import card_html, card_json, show_card

CENTRE = """
title: A <b>small</b> centre
date: 2027-04-12
open: 08:00-18:00
interval: 30 min
target: {wait: 60 s, share: 90 %}
calls:
  sales: {volume: 1500, busyness_cv: 0.15, handle_time: {mean: 4 min, cv: 1.1}, patience: {mean: 4 min}}
staff:
  desk: {agents: 13, shift: 08:00-18:00}
contingent:
  home:
    agents: 6
    accept: 75 %
    notice: {mean: 20 min, cv: 0.5}
    activate: {when: queue, reaches: 100, call_up: all}
    block: 2 h
"""


@pytest.fixture(scope="module", params=["scenarios/appointment-centre.yaml", "scenarios/us-bank-weekday.yaml", ""])
def found(request: pytest.FixtureRequest) -> Card:
    """Cards of several centres."""
    return card(load(request.param) if request.param else loads(CENTRE))


def _queue(found: Card, row: int) -> np.ndarray:
    queue = found.rows[row].queue
    return np.where(queue < 0, 10**9, queue)


def test_more_waiting_never_means_calling_fewer(found: Card) -> None:
    for row in found.rows:
        for agents in (row.agents[0] - 1, *row.agents, row.agents[-1] + 9):
            asked = [found.rule(row.start, agents, queue) for queue in range(0, 300, 3)]
            assert asked == sorted(asked)


def test_fewer_agents_never_mean_calling_fewer(found: Card) -> None:
    for n, row in enumerate(found.rows):
        assert (np.diff(_queue(found, n), axis=0) >= 0).all()
        for queue in (0, 3, 10, 40):
            asked = [found.rule(row.start, agents, queue) for agents in range(row.agents[0] - 2, row.agents[-1] + 3)]
            assert asked == sorted(asked, reverse=True)


def test_more_are_called_only_from_a_longer_queue_on(found: Card) -> None:
    assert all((np.diff(_queue(found, n), axis=1) >= 0).all() for n in range(len(found.rows)))


def test_a_long_wait_calls_as_the_queue_that_goes_with_it_does(found: Card) -> None:
    for row in found.rows:
        for c, agents in enumerate(row.agents):
            if row.queue[c, 0] > 0:
                assert found.rule(row.start, agents, 0, float(row.oldest[c, 0])) >= found.tiers[0]
                assert found.rule(row.start, agents, int(row.queue[c, 0]) - 1) == 0
                assert found.rule(row.start, agents, int(row.queue[c, 0])) >= found.tiers[0]


def test_before_and_after_its_rows_a_card_calls_nobody(found: Card) -> None:
    assert found.rule(found.rows[0].start - 1.0, 1, 500) == 0
    assert found.rule(found.rows[-1].start + found.length, 1, 500) == 0


def test_a_card_says_something(found: Card) -> None:
    """Not all cells are alike: some call at once, some from a queue on, some never."""
    first = np.concatenate([row.queue[:, 0] for row in found.rows])
    assert (first > 0).any()
    assert (first < 0).any()


def test_where_nobody_can_be_on_in_time_a_card_calls_nobody_and_has_a_sign_of_its_own() -> None:
    """The pool's hours end before the centre closes, so calls are still to come when calling is of no use any more."""
    found = card(loads(CENTRE.replace("    accept:", "    available: 08:00-12:00\n    accept:").replace("agents: 13", "agents: 6")))
    late = [row.start + 0.5 * found.length + found.notice >= found.over for row in found.rows]
    assert [row.too_late for row in found.rows] == late
    assert late[-1]
    assert not late[0]
    assert (found.rows[-1].queue < 0).all()
    assert found.rule(found.rows[-1].start, 1, 100) == 0
    assert (found.rows[0].queue >= 0).any()
    page = card_html(found)
    assert page.count("×</td>") == sum(late)
    assert "of no use" in page


def test_a_card_of_a_notice_longer_than_the_day_says_that_nobody_is_to_be_called() -> None:
    text = CENTRE.replace("{mean: 20 min, cv: 0.5}", "{mean: 15 h, cv: 0.3}")
    found = card(loads(text))
    assert all(row.too_late for row in found.rows)
    assert any(sentence.startswith("Nobody is to be called on this day") for sentence in found.explanation)
    assert "A dot" not in card_html(found)


def test_the_table_speaks_of_no_ages_and_the_page_of_those_it_shows() -> None:
    found = card(loads(CENTRE))
    out = Console(file=StringIO(), width=160)
    show_card(out, found)
    assert "or the oldest has waited" not in out.file.getvalue()  # type: ignore[attr-defined]
    assert "or the oldest has waited" in card_html(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=1, max_size=8))
def test_the_nearest_consistent_table_is_consistent_and_leaves_a_consistent_one_alone(rows: list[list[int]]) -> None:
    queue = np.sort(np.array(rows, np.float64), axis=1)
    made = consistent(queue)
    assert (np.diff(made, axis=0) >= 0).all()
    assert (np.diff(made, axis=1) >= 0).all()
    assert np.array_equal(consistent(made), made)
    assert abs(made.sum() - queue.sum()) <= 0.5 * queue.size + 1e-9  # a least-squares fit keeps the sums, up to rounding


def test_the_look_ahead_agrees_with_the_chain_s_own_exponential() -> None:
    """Against the exact law of M/M/s+M after a time, by the matrix exponential, small steps."""
    from scipy.linalg import expm

    rate, s, ends, hang_ups, wait, most = 0.05, 4, 1.0 / 90.0, 1.0 / 200.0, 40.0, 40
    x = np.arange(most + 1.0)
    leave = ends * np.minimum(x, s) + hang_ups * np.maximum(x - s, 0.0)
    q = np.zeros((most + 1, most + 1))
    q[x[:-1].astype(int), x[:-1].astype(int) + 1] = rate
    q[x[1:].astype(int), x[1:].astype(int) - 1] = leave[1:]
    q -= np.diag(q.sum(axis=1))
    late = rate * (x - s + 1.0 > s * ends * np.expm1(hang_ups * wait) / hang_ups)
    steps, step, cells = 600, 1.0, 11  # more cells than are solved abreast, the first of them one agent short
    on = np.where(np.arange(cells) == 0, s - 1, s)
    part = np.repeat([-1, 0, 1, 1], steps // 4)
    grid = np.ones((steps, cells))
    found = expected_over(rate * grid, on * grid, part, ends, hang_ups, wait, step, most)
    assert found.shape == (2, most + 1, cells)
    for p, (begin, end) in enumerate([(15, 30), (30, 60)]):
        exact = sum(expm(q * (k + 0.5) * 10.0) @ late * 10.0 for k in range(begin, end))
        for cell in (1, cells - 1):
            assert np.allclose(found[p, :, cell], exact, rtol=0.01, atol=2e-3)
        assert (found[p, :, 0] > found[p, :, 1]).all()
    assert (np.diff(found, axis=1) >= -1e-9).all()


def test_the_page_holds_every_cell_escapes_names_and_asks_for_nothing_from_outside(found: Card) -> None:
    page = card_html(found)
    assert page.count("<td") == len(found.rows) * (2 + max(row.agents.size for row in found.rows))
    assert page.count("<b>") == sum(row.agents.size for row in found.rows)
    assert "<b>small</b>" not in page
    assert not any(word in page for word in ("http:", "https:", "<script", "url("))
    assert "size: landscape" in page


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("agents: 6", "agents: 0", "there is nobody to call"),
        ("accept: 75 %", "accept: 0 %", "nobody ever says yes"),
        ("{mean: 20 min, cv: 0.5}", "11 h", "nobody is ever on in time"),
        ("    accept:", "    available: 22:00-23:00\n    accept:", "22:00-23:00 lies outside the opening hours: nobody can be called on"),
    ],
)
def test_a_pool_that_cannot_help_has_no_card(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        card(loads(CENTRE.replace(old, new)))


def test_a_day_round_the_clock_still_fits_one_page() -> None:
    text = CENTRE.replace("open: 08:00-18:00", "open: 00:00-24:00").replace(
        "desk: {agents: 13, shift: 08:00-18:00}", "desk: {agents: 13, shift: 00:00-24:00}"
    )
    found = card(loads(text))
    assert len(found.rows) <= 30
    assert found.length == 3600.0


def test_a_pool_that_goes_by_the_file_sees_what_the_card_says(found: Card, tmp_path: Path) -> None:
    """The levels of a floor, cell by cell, against `Card.rule`."""
    (tmp_path / "card.json").write_text(card_json(found), encoding="utf-8")
    told = re.sub("activate: .*", "activate: {card: card.json}", CENTRE).replace("2027-04-12", found.scenario.date.isoformat())
    (tmp_path / "centre.yaml").write_text(told.replace("08:00-18:00", "00:00-24:00"), encoding="utf-8")
    rules = duty.build(load(tmp_path / "centre.yaml")).rules
    assert rules is not None
    dice = np.random.default_rng(1)
    for _ in range(2000):
        at = float(dice.uniform(6.0, 22.0)) * 3600.0
        agents, queue = int(dice.integers(0, 200)), int(dice.choice([0, 1, 2, 5, 10, 20, 40, 80, 150]))
        oldest = float(dice.choice([0.0, 5.0, 30.0, 80.0, 200.0])) if queue else 0.0
        called = 0
        for k, people in enumerate(found.tiers):
            begun = [row for row in range(rules.first_row[k], rules.first_row[k + 1]) if rules.row_start[row] <= at]
            if begun and at < rules.row_end[begun[-1]]:
                row = begun[-1]
                cell = max(int((rules.row_agents[row] <= agents).sum()) - 1, 0)
                if queue >= rules.row_queue[row, cell] or (oldest > 0.0 and oldest >= rules.row_oldest[row, cell]):
                    called = people
        assert called == found.rule(at, agents, queue, oldest)


def test_a_smaller_share_calls_no_later(found: Card) -> None:
    """Where the two have a cell for as many agents, up to one caller of rounding after the least squares."""
    strict, lax = cards(found.scenario, None, [0.05, 0.2])
    earlier = later = 0
    for one, other in zip(strict.rows, lax.rows, strict=True):
        _, a, b = np.intersect1d(one.agents, other.agents, return_indices=True)
        levels, others = (np.where(row.queue < 0, 10**6, row.queue)[at] for row, at in ((one, a), (other, b)))
        earlier += int((levels < others).sum())
        later += int((levels > others + 1).sum())
    assert later == 0
    assert earlier > 10


def test_a_row_goes_from_everybody_called_at_once_to_nobody_ever_or_as_low_and_high_as_was_looked(found: Card) -> None:
    """So a supervisor on a bad day finds the day on the card."""
    for row in found.rows:
        if row.too_late:
            assert row.agents.size == 1
            continue
        assert (row.queue[0] == 0).all() or row.agents[0] <= 0.6 * row.expected + 1.0
        assert (row.queue[-1] < 0).all() or row.agents[-1] >= 1.1 * row.expected - 1.0
        assert not (row.queue[1:] == 0).all(axis=1).any()
        assert not (row.queue[:-1] < 0).all(axis=1).any()
        assert (np.diff(row.agents) > 0).all()
    assert sum(bool((row.queue[0] == 0).all()) for row in found.rows) > len(found.rows) // 2


def test_a_row_stands_alone() -> None:
    """It is the same whether the others are made or not."""
    scenario = loads(CENTRE)
    whole = card(scenario)
    alone = row_at(scenario, "home", whole.rows[5].start + 900.0)
    assert alone is not None
    assert np.array_equal(alone[0].rows[0].queue, whole.rows[5].queue)
    assert np.array_equal(alone[0].rows[0].agents, whole.rows[5].agents)
    assert row_at(scenario, "home", whole.rows[-1].start + whole.length) is None


def test_the_worst_quarter_hour_decides_not_all_of_them_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the agents leave half an hour before the look ahead ends: of the calls of all the hours together fewer are late."""
    desk = "desk: {agents: 13, shift: 08:00-18:00}"
    drop = CENTRE.replace(desk, "desk: {agents: 10, shift: 08:00-18:00}\n  gone: {agents: 13, shift: 08:00-13:00}")
    at = 11.5 * 3600.0  # two hours on it is 13:30
    assert card(loads(CENTRE.replace(desk, desk.replace("13,", "23,")))).rule(at, 23, 0) == 0
    worst = card(loads(drop)).rule(at, 23, 0)
    monkeypatch.setattr(card_cells, "_QUARTER", 1e6)
    assert worst > card(loads(drop)).rule(at, 23, 0)


def test_a_longer_notice_than_two_hours_is_looked_over() -> None:
    """Else no call would be counted, and a dot would say that nobody is needed."""
    found = card(loads(CENTRE.replace("{mean: 20 min, cv: 0.5}", "{mean: 3 h, cv: 0.2}").replace("agents: 13", "agents: 8")))
    assert (found.rows[2].queue == 0).all(axis=1).any()
    assert "to 3 h 5" in " ".join(found.explanation)


def test_the_share_is_told_as_the_target_has_it() -> None:
    assert '"share": 0.1,' in card_json(card(loads(CENTRE)))


def test_the_page_tells_the_age_of_every_number_to_call_and_shows_no_backquotes(found: Card) -> None:
    page = card_html(found)
    assert "`" not in page
    assert "<code>ccsim now</code>" in page
    queues = np.concatenate([row.queue.ravel() for row in found.rows if not row.too_late])
    assert page.count("s</i>") == int((queues > 0).sum())


def test_the_example_leads_from_the_calls_so_far_to_a_cell_that_the_card_goes_by(found: Card) -> None:
    said = re.search(
        r"at (\d\d):(\d\d) with (\d+) agents on duty and ([\d,]+) calls so far: the row of [\d:]+ expects ([\d,]+) \+ 10 × ([\d.]+) "
        r"= ([\d,]+), so ([\d,]+) came beyond it, and [\d,]+ ÷ ([\d,]+) = 3 .*? The cell of (\d+) says: when (\d+) wait, .*?call (\d+)",
        re.sub(", or the oldest has waited [^,]+", "", re.sub("<.*?>", "", card_html(found))),
    )
    assert said is not None
    hour, minute, agents, calls, start, a_minute, expected, more, an_agent, cell, queue, number = (
        float(one.replace(",", "")) for one in said.groups()
    )
    assert expected == round(start + 10 * a_minute)
    assert calls == expected + more
    assert more == 3 * an_agent
    assert agents - 3 == cell
    assert found.rule(hour * 3600.0 + minute * 60.0, agents - more / an_agent, int(queue)) == number


def test_times_without_rows_and_rows_of_one_cell_are_said() -> None:
    found = card(loads(CENTRE.replace("    accept:", "    available: 10:00-16:00\n    accept:").replace("agents: 13", "agents: 4")))
    assert any(row.agents.size == 1 and (row.queue == 0).all() for row in found.rows)
    for page in (card_html(found), " ".join(_printed(found, 200).split())):
        assert "There are rows from 10:00 to 16:00 alone, the hours of the pool: the centre is open from 08:00 to 18:00" in page
        assert "call all, whether or not anybody waits" in page
    assert "There are rows from" not in card_html(card(loads(CENTRE)))


def _printed(found: Card, width: int) -> str:
    out = Console(file=StringIO(), width=width)
    show_card(out, found)
    return out.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_fits_a_terminal_with_every_cell(width: int, found: Card) -> None:
    out = Console(file=StringIO(), width=width)
    show_card(out, found)
    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in shown.splitlines())
    table = shown.split("There are rows")[0].split("First look")[0]
    assert "expected" in table
    assert len(re.findall(r"\b\d+: [\d·×]", table)) == sum(row.agents.size for row in found.rows)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        card(loads(CENTRE), share=share)


def test_where_days_differ_the_card_tells_the_calls_expected_and_how_many_more_are_an_agent_fewer(found: Card) -> None:
    assert found.by_calls
    horizon = found.scenario.horizon
    volume = np.sum([found.scenario.calls[name].volume for name in found.pool.types], axis=0)
    for n in (0, 4):
        row = found.rows[n]
        before = np.asarray(horizon.interval_end) <= row.start
        during = (np.asarray(horizon.interval_start) >= row.start) & (np.asarray(horizon.interval_end) <= row.start + found.length)
        assert row.calls == pytest.approx(volume[before].sum())
        assert row.a_minute == pytest.approx(volume[during].sum() / (found.length / 60.0))
    row = found.rows[4]
    assert f"{row.calls:,.0f} + {row.a_minute:,.1f} ± {max(1, round(row.an_agent)):,}" in card_html(found)
    assert "with each minute since" in card_html(found)


@pytest.mark.parametrize("busyness", ["{day: 0.15}", "{day: 0.15, shared: true}", "{week: 0.15}", "{day: 0.1, week: 0.1, shared: true}"])
def test_an_agent_fewer_is_on_the_card_what_it_is_on_the_floor(busyness: str, tmp_path: Path) -> None:
    """By Bayes: so many more calls are just so much more busyness as one agent of those expected is, with the floor's own shape."""
    told = CENTRE.replace("volume: 1500, busyness_cv: 0.15", f"volume: 750, busyness: {busyness}")
    sales = next(line for line in told.splitlines() if line.startswith("  sales:"))
    told = told.replace(sales, f"{sales}\n{sales.replace('sales', 'service')}")
    made = card(loads(told))
    assert made.by_calls
    (tmp_path / "card.json").write_text(card_json(made), encoding="utf-8")
    rules = duty.build(loads(re.sub("activate: .*", "activate: {card: card.json}", told), tmp_path)).rules
    assert rules is not None
    for row in (made.rows[0], made.rows[7]):
        busier = (rules.shape[0] + row.calls + row.an_agent) / (rules.shape[0] + row.calls)
        assert row.expected * (busier - 1.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "old, new",
    [
        ("agents: 13", "agents: 3"),
        ("{agents: 13, shift: 08:00-18:00}", "{agents: 13, shift: 09:00-17:00}"),
        ("date: 2027-04-12\nopen: 08:00-18:00", "date: 2027-10-31\nopen: 00:00-24:00\ntimezone: Europe/London"),
    ],
)
def test_every_card_that_is_made_can_be_gone_by(old: str, new: str, tmp_path: Path) -> None:
    """Few agents, a pool on before the staff, and clocks that go back."""
    text = CENTRE.replace(old, new)
    assert text != CENTRE
    made = card(loads(text))
    (tmp_path / "card.json").write_text(card_json(made), encoding="utf-8")
    (rule,) = loads(re.sub("activate: .*", "activate: {card: card.json}", text), tmp_path).contingent["home"].activate
    assert rule.card is not None
    shown: dict[float, Row] = {}
    for row in made.rows:
        shown.setdefault(made.scenario.horizon.clock(row.start), row)
    assert rule.card.start.tolist() == list(shown)
    for r, row in enumerate(shown.values()):
        for agents in range(16):
            cell = max(int((rule.card.agents[r] <= agents).sum()) - 1, 0)
            for queue in (0, 2, 5, 20):
                called = [people for people, level in zip(rule.card.call, rule.card.queue[r, cell], strict=True) if queue >= level]
                assert max(called, default=0) == made.rule(row.start, agents, queue)


def test_where_calls_lead_to_calls_the_card_expects_those_too_and_so_does_the_floor(tmp_path: Path) -> None:
    """By days played by the other engine: as many come for each first call as the card says, before a row and in it."""
    text = CENTRE.replace("patience: {mean: 4 min}}", "patience: {mean: 4 min}, repeat: {chance: 30 %, after: 30 min}}")
    made = card(loads(text))
    assert "Redials, repeats and calls passed on count" in card_html(made)
    assert "Redials" not in card_html(card(loads(CENTRE)))
    floor = duty.build(made.scenario)
    drawer, first, all_ = Drawer(made.scenario, floor, 7), [np.zeros(0)], [np.zeros(0)]
    for replication in range(8):
        day = drawer.day(replication)
        first.append(day.arrival.copy())
        all_ += [first[-1], play_reference(floor, day).later_arrival]
    volume, begin = made.scenario.calls["sales"].volume, np.asarray(made.scenario.horizon.interval_start)
    for row in made.rows[4:]:
        for again, low, high in zip(row.again, (0.0, row.start), (row.start, row.start + 1800.0), strict=True):
            came, at_first = (((low <= times) & (times < high)).sum() for times in map(np.concatenate, (all_, first)))
            assert again == pytest.approx(came / at_first, rel=0.06)
            assert again > 1.05
        assert row.calls == pytest.approx(row.again[0] * volume[begin < row.start].sum())
        assert 30.0 * row.a_minute == pytest.approx(row.again[1] * volume[begin == row.start].sum())
    (tmp_path / "card.json").write_text(card_json(made), encoding="utf-8")
    by_card = loads(re.sub("activate: .*", "activate: {card: card.json}", text), tmp_path)
    rules = duty.build(by_card).rules
    assert rules is not None
    place = np.searchsorted(by_card.horizon.interval_start, [row.start for row in made.rows])
    assert rules.expected_before[0][place] == pytest.approx([row.calls for row in made.rows], rel=1e-3)
    assert rules.expected[0][place] == pytest.approx([30.0 * row.a_minute for row in made.rows], rel=1e-3)
    said: list[str] = []
    warn_of_cards(by_card.calls, by_card.contingent, said)
    assert said == []


def test_a_card_that_goes_by_calls_which_tell_nothing_or_too_much_is_told(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(card_json(card(loads(CENTRE))), encoding="utf-8")
    by_card = re.sub("activate: .*", "activate: {card: card.json}", CENTRE)
    said: dict[str, list[str]] = {}
    for name, old, new in (
        ("plain", "", ""),
        ("alike", "busyness_cv: 0.15, ", ""),
        ("again", "patience: {mean: 4 min}}", "patience: {mean: 4 min}, redial: {chance: 40 %, after: 5 min}}"),
    ):
        told = by_card.replace(old, new) if old else by_card
        sales = next(line for line in told.splitlines() if line.startswith("  sales:"))
        made = loads(told.replace(sales, f"{sales}\n{sales.replace('sales', 'service')}"), tmp_path)
        said[name] = []
        warn_of_cards(made.calls, made.contingent, said[name])
    assert said["plain"] == []
    assert "do not differ" in said["alike"][0]
    assert "(`sales`)" in said["again"][0]


def test_a_card_of_days_that_are_all_alike_goes_by_the_queue_and_the_agents_alone() -> None:
    quiet = loads(CENTRE.replace("busyness_cv: 0.15, ", ""))
    hardly = loads(CENTRE.replace("busyness_cv: 0.15, ", "busyness_cv: 0.001, "))
    for made in (card(quiet), card(hardly), card(loads(CENTRE), by_calls=False)):
        assert not made.by_calls
        assert "calls so far" not in card_html(made)
        assert '"by_calls"' not in card_json(made)
