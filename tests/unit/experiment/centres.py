"""Scenarios that experiments are tried on: small, and with everything in them that a result has to tell of."""

from __future__ import annotations

from ccsim.inputs.scenario import Scenario, loads

WHOLE = """
title: a small centre
date: 2027-04-12
open: 08:00-10:00
interval: 30 min
lines: 14
target: {wait: 60 s, share: 80 %, short_abandon: 5 s}
calls:
  sales: {volume: 150, handle_time: {mean: 4 min}, patience: {mean: 3 min}, balk: 2 %}
  help: {volume: 50, handle_time: {mean: 3 min}, patience: {mean: 3 min}, target: {wait: 30 s, share: 70 %}}
staff:
  early: {agents: 8, shift: 08:00-10:00, breaks: [09:00 for 15 min]}
  desk: {agents: [1, 1, 2, 2], takes: [help]}
shrinkage:
  sick: {share: 10 %, kind: absence}
contingent:
  home:
    agents: 3
    accept: 80 %
    notice: {mean: 5 min}
    activate: {when: queue, reaches: 3, call_up: 2, every: 10 min}
    release: {when: queue, falls_to: 0}
    block: 30 min
    pay: {hour: 24, activation: 5, standby_hour: 1.5}
cost: {agent_hour: 26, overtime_factor: 1.5, abandoned_call: 4, currency: EUR}
"""
PLAIN = """
title: one desk
date: 2027-04-12
open: 08:00-09:00
interval: 30 min
target: {wait: 20 s, share: 80 %}
calls:
  a: {volume: 20, handle_time: {mean: 3 min}, patience: {mean: 2 min}}
staff:
  desk: {agents: 2, shift: 08:00-09:00}
"""


def whole() -> Scenario:
    """Two call types, people and positions, absence, contingents, pay."""
    return loads(WHOLE)


def plain(*changes: tuple[str, str]) -> Scenario:
    """One call type and two agents for an hour; `changes` replace parts of its text."""
    text = PLAIN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return loads(text)
