"""A run as a page: it says what the run says, holds all that it needs, and runs nothing that a scenario's text may ask for."""

from __future__ import annotations

import builtins
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import ccsim as package
from ccsim.inputs import loads
from ccsim.reporting.answer import answer
from ccsim.reporting.report import explained, report_html
from tests.interfaces.conftest import TWENTY

HOSTILE = '--><script>alert(1)</script>" onload="x {{ 7 * 7 }}'


class Tags(HTMLParser):
    """The tags, attributes, ids, links and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def named(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


@pytest.fixture(scope="module")
def page() -> tuple[str, Any]:
    """The report of a run whose names are hostile, and the run."""
    text = TWENTY.replace("Twenty [red]people[/red]", json.dumps(HOSTILE)).replace("sickness:", f"{json.dumps(HOSTILE)}:")
    result = package.run(loads(text), replications=20, engine="simpy")
    why, unexplained = explained(result)
    return report_html(result, why, unexplained), result


def test_the_report_begins_with_the_answer_of_the_run(page: tuple[str, Any]) -> None:
    html, result = page
    words = " ".join(Tags(html).words)
    for sentence in answer(result)[:2]:
        assert sentence in words
    box = re.search(r'<div class="answer">(.*?)</div>', html)
    assert box is not None
    assert box[1].count("<p>") == 3
    assert html.count("Contingents (home): ") == 1
    assert "Contingents (home): " not in box[1]
    for heading in ("Wait by interval", "Required, scheduled and present staff", "How long callers wait", "Contingents", "Shrinkage",
                    "Risk: how bad a bad day is", "Why it differs from Erlang", "Assumptions", "How it was computed"):  # fmt: skip
        assert heading in words


def test_text_of_a_scenario_stays_text(page: tuple[str, Any]) -> None:
    html, _ = page
    tags = Tags(html)
    assert "script" not in tags.found
    assert not [name for name, _ in tags.attributes if name.startswith("on")]
    assert "<!--" not in html
    assert HOSTILE in tags.words
    assert "{{ 7 * 7 }}" in html


def test_the_page_loads_nothing_and_its_links_lead_within_it(page: tuple[str, Any]) -> None:
    html, _ = page
    tags = Tags(html)
    ids = tags.named("id")
    assert len(ids) == len(set(ids))
    links = tags.named("href") + tags.named("xlink:href") + [f"#{name}" for name in re.findall(r"url\(#([^)]+)\)", html)]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert not tags.named("src")
    assert {"img", "link", "iframe", "object"}.isdisjoint(tags.found)


def test_the_report_knows_how_it_was_computed(page: tuple[str, Any]) -> None:
    html, result = page
    words = Tags(html).words
    for said in (str(result.seed), "20, each 1 day", package.__version__, "4.2 Run length", "calls.support.patience.mean", "5 min"):
        assert said in words


def test_the_same_run_gives_the_same_page(page: tuple[str, Any]) -> None:
    html, result = page
    assert report_html(result, *explained(result)) == html


def test_shares_of_callers_who_waited_no_longer_agree_with_the_percentiles(page: tuple[str, Any]) -> None:
    _, result = page
    waits, shares = result.wait_shares()
    assert shares[-1] == 1.0
    assert (shares[1:] > shares[:-1]).all()
    for name, share in (("wait_p50", 0.5), ("wait_p90", 0.9), ("wait_p99", 0.99)):
        assert waits[(shares < share - 1e-12).sum()] == result.measures.loc[name, "mean"]


def test_a_notebook_shows_a_result_with_its_text_escaped(page: tuple[str, Any]) -> None:
    _, result = page
    shown = result._repr_html_()
    assert "script" not in Tags(shown).found
    assert HOSTILE in Tags(shown).words
    assert f"{100 * result.measures.loc['service_level_offered', 'mean']:.1f} %" in shown


def test_the_command_writes_the_page_and_says_where(ccsim: Callable[..., Any], twenty: Path) -> None:
    said = ccsim("report", twenty, "--replications", 4, "--engine", "simpy", "--no-explain", "--no-history", "--json")
    assert said.status == 0
    found = json.loads(said.out)
    assert found == {"html": str(twenty.with_suffix(".html")), "pdf": None, "replications": 4, "seed": 1}
    assert Path(found["html"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_asked_for_the_frontier_the_report_says_when_to_call_contingents(page: tuple[str, Any]) -> None:
    from ccsim.contingent.frontier import frontier

    found = frontier(page[1].scenario, replications=20, workers=1)
    with_rules = report_html(page[1], frontier=found)
    words = " ".join(" ".join(Tags(with_rules).words).split())
    assert 'id="frontier"' in with_rules
    assert "When to call contingents" in words
    assert found.best.policy.sentence in words
    assert all(line.policy.name in words for line in found.lines if line.standing == "frontier")
    assert 'id="frontier"' not in page[0]


def test_call_types_stand_side_by_side_where_there_are_several(page: tuple[str, Any]) -> None:
    assert 'id="types"' not in page[0]
    two = TWENTY.replace("staff:", "  orders: {volume: 20, handle_time: 4 min, target: {wait: 1 min, share: 70 %}}\nstaff:", 1)
    two = two.replace("contingent:", "x-contingent:").replace("shift: 08:00-10:00}", "shift: 08:00-10:00, takes: [support, orders]}")
    result = package.run(loads(two), replications=20, engine="simpy")
    words = " ".join(" ".join(Tags(report_html(result)).words).split())
    beside = words[words.index("call type target offered a day") :]
    assert "support 80 % within 20 s" in beside
    assert "orders 70 % within 1 min" in beside


def test_without_a_pool_the_frontier_is_refused_before_days_are_played(ccsim: Callable[..., Any], twenty: Path) -> None:
    twenty.write_text(twenty.read_text(encoding="utf-8").replace("contingent:\n", "x-contingent:\n"), encoding="utf-8")
    said = ccsim("report", twenty, "--frontier")
    assert (said.status, said.out) == (2, "")
    assert "no contingent pool" in said.err
    assert not twenty.with_suffix(".html").exists()


def test_without_weasyprint_a_pdf_is_refused_before_days_are_played(
    ccsim: Callable[..., Any], twenty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise ImportError(name)
        return there(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    said = ccsim("report", twenty, "--pdf", twenty.with_suffix(".pdf"), "--no-history")
    assert said.status == 2
    assert "pip install 'ccsim[pdf]'" in said.err
    assert not twenty.with_suffix(".html").exists()
