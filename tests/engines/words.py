"""Logs in words: what became of calls, stretches on duty, people called up, calls that came of calls."""

from __future__ import annotations

from ccsim.engine.floor import Log

OUTCOMES = ("unsettled", "answered", "hung up", "blocked", "in vain")
KINDS = ("to break", "shift ended", "number fell", "contingent left", "still on", "moved")
ASKS = ("refused", "on the way", "logged in", "called off", "lapsed", "failed")
LATER = ("redial", "repeat", "transfer", "told")


def fates(log: Log) -> list[tuple[object, ...]]:
    """What became of each call: ("answered" or "in vain", agent, at, until), ("hung up", at), ("blocked", at) or ("unsettled",)."""
    rows: list[tuple[object, ...]] = []
    for outcome, agent, moved_on, ended in zip(
        log.outcome.tolist(), log.agent.tolist(), log.moved_on.tolist(), log.ended.tolist(), strict=True
    ):
        word = OUTCOMES[outcome]
        taken = word in ("answered", "in vain")
        rows.append((word, agent, moved_on, ended) if taken else (word, moved_on) if word != "unsettled" else (word,))
    return rows


def answers(log: Log) -> list[tuple[int, float]]:
    """(agent, answered at) of each answered call, in order of number."""
    return [(agent, at) for agent, at in zip(log.agent.tolist(), log.moved_on.tolist(), strict=True) if agent >= 0]


def later(log: Log) -> list[tuple[object, ...]]:
    """Calls that came of calls, in the order in which that was decided: (what, of which call, arrival)."""
    columns = (log.later_kind, log.later_before, log.later_arrival)
    return [(LATER[kind], before, at) for kind, before, at in zip(*(column.tolist() for column in columns), strict=True)]


def stretches(log: Log, agent: int | None = None) -> list[tuple[object, ...]]:
    """Stretches on duty as they ended: (agent, team, start, end, how it ended), with what it was late by where it was."""
    columns = (log.spell_agent, log.spell_team, log.spell_start, log.spell_end, log.spell_due, log.spell_kind)
    rows: list[tuple[object, ...]] = []
    for who, team, start, end, due, kind in zip(*(column.tolist() for column in columns), strict=True):
        if agent is None or who == agent:
            rows.append((who, team, start, end, KINDS[kind]) + ((end - due,) if end != due else ()))
    return rows


def asked(log: Log) -> list[tuple[object, ...]]:
    """People called up: (agent, asked at, what came of it, when that was known)."""
    columns = (log.ask_agent, log.ask_time, log.ask_outcome, log.ask_settled)
    return [(agent, at, ASKS[what], known) for agent, at, what, known in zip(*(column.tolist() for column in columns), strict=True)]


def activations(log: Log) -> list[tuple[int, float, float]]:
    """(pool, from, to) of each activation."""
    columns = (log.activation_pool, log.activation_time, log.activation_until)
    return list(zip(*(column.tolist() for column in columns), strict=True))
