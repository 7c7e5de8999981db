"""Rules for calling a pool up in words that a supervisor can follow."""

from __future__ import annotations

from typing import Any, Final

from ccsim.inputs.contingent import Pool
from ccsim.units import DAY, format_clock, format_duration, format_span

_WORDS: Final = ("nobody", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SAID: Final = {
    "estimated_wait": "the estimated wait", "longest_wait": "the longest wait", "queue": "the number waiting",
    "average_wait": "the mean wait of the last {over}", "forecast_wait": "the wait forecast {ahead} ahead",
    "plan_gap": "the number of people missing against the plan", "card": "the number on the card",
}  # fmt: skip


def by_the_clock(pool: Pool) -> bool:
    """Whether people are booked, and nothing of the day is looked at."""
    return all(rule.when in ("always", "windows") for rule in pool.activate)


def sentence_of(pool: Pool) -> str:
    """A pool's rule in words that a supervisor can follow."""
    if pool.never_asks or pool.agents == 0:
        return "Call nobody."
    start, end = pool.available
    until = format_clock(end % DAY if end > DAY else end)
    said = []
    for rule in pool.activate:
        number = pool.agents if rule.call_up == "all" else min(rule.call_up, pool.agents)
        whom = "everybody" if number == pool.agents and pool.agents > 1 else number_word(number, "person", "people")
        if rule.when == "always":
            said.append(f"ask {whom} to be on from {format_clock(start)} to {until}")
        elif rule.when == "windows":
            spans = " and ".join(format_span(*span).replace("-", " to ") for span in rule.windows)
            said.append(f"ask {whom} to be on from {spans}")
        elif rule.when == "card":
            said.append("call as many as the card says")
        else:
            again = f", and {number_word(number)} more every {format_duration(rule.every)} while it is there" if rule.every else ""
            said.append(f"call {whom} when {_what(rule)} reaches {_level(rule.when, rule.reaches)}{again}")
    text = ", and ".join(said)
    text = text[0].upper() + text[1:]
    if not pool.release:
        return text + ("." if by_the_clock(pool) else f"; they stay until {until}.")
    falls = " and ".join(f"{_what(one)} falls to {_level(one.when, one.falls_to)}" for one in pool.release)
    block = f", after {format_duration(pool.block)} at the soonest" if pool.block else ""
    return f"{text}; send them home when {falls}{block}."


def number_word(number: int, one: str = "", several: str = "") -> str:
    """A number in words up to twelve, with what is counted.

    >>> number_word(4, "person", "people"), number_word(16)
    ('four people', '16')
    """
    word = _WORDS[number] if number < len(_WORDS) else f"{number:,}"
    return f"{word} {one if number == 1 else several}".strip()


def _what(look: Any) -> str:
    return _SAID[look.when].format(over=format_duration(look.over), ahead=format_duration(look.ahead))


def _level(when: str, level: float) -> str:
    return f"{level:g}" if when in ("queue", "plan_gap", "card") else f"{level:g} s" if level <= 300.0 else format_duration(level)
