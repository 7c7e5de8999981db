"""Who answers a call, and which call an agent takes, where not everybody may answer everything at once (sections 2, 3, 10 of the rules)."""

from __future__ import annotations

from ccsim.engine.compiled import helper, inlined
from ccsim.engine.kernel.records import STAYS, ZERO


@helper
def random_idle(agents, teams, offer_team, offer_tier, queue, u, may):  # type: ignore[no-untyped-def]
    """The free agent that a uniform picks among those who take the queue, -1 if none is free.

    `may` [G]: 1 where the team may answer the call; None where all that take the queue may.
    """
    free = 0
    for j in range(offer_team.shape[1]):
        if offer_team[queue, j] >= 0:
            if may is not None:
                if may[offer_team[queue, j]] == 0:
                    continue
            free += teams[offer_team[queue, j]].idle
    left = int(u * free)
    j = 0
    while j < offer_team.shape[1] and offer_team[queue, j] >= 0:
        tier = offer_tier[queue, j]
        seen = -1  # turn of the last one passed over
        while True:
            best = -1
            for m in range(j, offer_team.shape[1]):
                if offer_team[queue, m] < 0 or offer_tier[queue, m] != tier:
                    break
                if may is not None:
                    if may[offer_team[queue, m]] == 0:
                        continue
                a = teams[offer_team[queue, m]].first
                while a >= 0 and agents[a].turn <= seen:
                    a = agents[a].after
                if a >= 0 and (best < 0 or agents[a].turn < agents[best].turn):
                    best = a
            if best < 0:
                break
            if left == 0:
                return best
            left -= 1
            seen = agents[best].turn
        while j < offer_team.shape[1] and offer_team[queue, j] >= 0 and offer_tier[queue, j] == tier:
            j += 1
    return -1


@helper
def reserve_holds(teams, reserve_counts, team, reserve, is_idle):  # type: ignore[no-untyped-def]
    """Whether `reserve` agents are idle besides one of the team who would take up work (`is_idle` 1: it is idle itself).

    A team that answers no callers needs no reserve.
    """
    idle = 0
    answers_callers = False
    for other in range(teams.size):
        if reserve_counts[team, other] != 0:
            answers_callers = True
            idle += teams[other].idle
    if reserve_counts[team, team] != 0:
        idle -= is_idle
    return idle >= reserve or not answers_callers


@inlined
def next_call(  # type: ignore[no-untyped-def]
    arrival, teams, queues, serve_queue, serve_tier, service, terms, reserve_counts, team, is_idle, passes_kept, time
):  # fmt: skip
    """The waiting call that an agent of the team would take, -1 if there is none that may be taken.

    `is_idle`: 1 if the agent is in the order of idleness; `passes_kept`: whether it only stays for callers.
    """
    best, tier = -1, -1
    for j in range(serve_queue.shape[1]):
        q = serve_queue[team, j]
        if q < 0 or (best >= 0 and serve_tier[team, j] != tier):
            break
        c = queues[q].first
        if c < 0 or service[q].out > 0 or (passes_kept and service[q].kept == 1):
            continue
        if not arrival[c] + terms[team, q].after <= time:
            continue
        if service[q].reserve > 0 and not reserve_holds(teams, reserve_counts, team, service[q].reserve, is_idle):
            continue
        if best < 0 or arrival[c] < arrival[best] or (arrival[c] == arrival[best] and c < best):
            best = c
            tier = serve_tier[team, j]
    return best


@inlined
def leave_idle(agents, teams, agent):  # type: ignore[no-untyped-def]
    """An agent is no longer in the order of idleness of its team."""
    me = agents[agent]
    team = teams[me.team]
    if me.before >= 0:
        agents[me.before].after = me.after
    else:
        team.first = me.after
    if me.after >= 0:
        agents[me.after].before = me.before
    else:
        team.last = me.before
    team.idle -= 1


@helper
def next_idle(agents, teams, seen):  # type: ignore[no-untyped-def]
    """The agent who has been idle longest of those whose turn comes after `seen`, -1 if there is none."""
    best = -1
    for g in range(teams.size):
        a = teams[g].first
        while a >= 0 and agents[a].turn <= seen:
            a = agents[a].after
        if a >= 0 and (best < 0 or agents[a].turn < agents[best].turn):
            best = a
    return best


@helper
def may_take_more(agents, teams, agent):  # type: ignore[no-untyped-def]
    """Whether nothing makes a busy agent go, or change its team, when it comes free."""
    me = agents[agent]
    team = teams[me.team]
    return me.leaving == STAYS and me.next_team < 0 and me.owed < 0.0 and team.due_out == 0 and team.due_last == 0


@helper
def chat_taker(  # type: ignore[no-untyped-def]
    arrival, queue_of, agents, teams, queues, serve_queue, serve_tier, service, terms, hands, reserve_counts, call, time
):  # fmt: skip
    """The agent with chats in hand who takes up one more, -1 if there is none."""
    queue = queue_of[call]
    way = service[queue]
    best, best_tier = -1, -1
    for a in range(agents.size):
        hand = hands[a]
        if hand.contacts == 0 or hand.type != way.type or hand.contacts >= way.at_once:
            continue
        g = agents[a].team
        tier = terms[g, queue].offer_tier
        if tier < 0 or (best >= 0 and (tier > best_tier or (tier == best_tier and hand.contacts >= hands[best].contacts))):
            continue
        if not arrival[call] + terms[g, queue].after <= time or not may_take_more(agents, teams, a):
            continue
        if way.reserve > 0 and not reserve_holds(teams, reserve_counts, g, way.reserve, ZERO):
            continue
        other = next_call(arrival, teams, queues, serve_queue, serve_tier, service, terms, reserve_counts, g, ZERO, False, time)
        if other >= 0 and other != call:
            tier_of_other, own = terms[g, queue_of[other]].serve_tier, terms[g, queue].serve_tier
            earlier = arrival[other] < arrival[call] or (arrival[other] == arrival[call] and other < call)
            if tier_of_other < own or (tier_of_other == own and earlier):
                continue  # the agent would take the other one first
        best, best_tier = a, tier
    return best


@helper
def another_chat(  # type: ignore[no-untyped-def]
    arrival, queue_of, agents, teams, queues, serve_queue, serve_tier, service, terms, hands, reserve_counts, agent, time
):  # fmt: skip
    """The chat at the head of its queue that an agent with contacts in hand takes up besides, -1 if there is none."""
    hand = hands[agent]
    if may_take_more(agents, teams, agent):
        g = agents[agent].team
        c = next_call(arrival, teams, queues, serve_queue, serve_tier, service, terms, reserve_counts, g, ZERO, False, time)
        if c >= 0:
            way = service[queue_of[c]]
            if way.type == hand.type and hand.contacts < way.at_once:
                return c
    return -1
