"""Who is away, compiled: planned leave as whole people, absence day by day and in spells, and employments that end."""

from __future__ import annotations

import numpy as np

from ccsim.engine import streams
from ccsim.engine.compiled import entry, helper
from ccsim.engine.elementary import exp, normal

# How a taking takes people: planned leave as whole people; absence each day by itself; absence in spells of days
PLANNED, ABSENCE, SPELLS = range(3)


@helper
def _odds(chance, factor):  # type: ignore[no-untyped-def]
    """The chance whose odds are `factor` times those of `chance`, as inputs.odds.with_odds."""
    return chance if factor == 1.0 else factor * chance / (1.0 - chance + factor * chance)


@entry
def _unreported(chance, reported):  # type: ignore[no-untyped-def]
    """The chance of being absent of one who has not been reported, of whom a share is."""
    return chance * (1.0 - reported) / (1.0 - chance * reported) if chance * reported < 1.0 else 0.0


@helper
def _nth_least(values, n):  # type: ignore[no-untyped-def]
    """The n-th least value, counted from 0; `values` are put about on the way (Hoare 1961, algorithm 65)."""
    low, high = 0, values.size - 1
    while low < high:
        middle, i, j = values[(low + high) // 2], low, high
        while i <= j:
            while values[i] < middle:
                i += 1
            while values[j] > middle:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if n <= j:
            high = j
        elif n >= i:
            low = i
        else:
            break
    return values[n]


@helper
def _take_least(draws, number, first, away, category):  # type: ignore[no-untyped-def]
    """So many of those with a finite draw are taken: the ones with the least draws. `draws` [people]"""
    if number <= 0 or draws.size == 0:
        return
    some = np.empty(draws.size)
    for k in range(draws.size):
        some[k] = draws[k]
    border, left = _nth_least(some, min(number, draws.size) - 1), number
    for k in range(draws.size):
        if draws[k] <= border and draws[k] < np.inf and left > 0:
            away[first + k] = category
            left -= 1


@helper
def _leave(key, turn, taking, share, name, person, odds, away):  # type: ignore[no-untyped-def]
    """Planned leave of one group on one day. People under the same odds of leave are taken together.

    With C the people expected of those with the least odds up to and with theirs, and u one uniform, ceil(C - u) are taken up to and with
    theirs: so each kind has the right mean, and their sum is rounded up or down at random.
    """
    category, first, people, known = taking[1], taking[2], taking[3], taking[5]
    start = streams.base(key, streams.LEAVE, name, turn)
    draws = np.empty(people)
    if known >= 0:
        for k in range(people):
            draws[k] = streams.uniform(start, person[first + k]) if away[first + k] == 0 else np.inf
        _take_least(draws, known, first, away, category)
        return
    u = streams.uniform(streams.base(key, streams.LEAVE_ROUNDING, name, turn), 0)
    expected, before, done, last = 0.0, 0, 0, -1.0
    while done < people:
        level = 1.0
        if odds.size > 0:
            level = np.inf
            for k in range(people):
                if last < odds[first + k] < level:
                    level = odds[first + k]
        number = 0
        for k in range(people):
            here = odds.size == 0 or odds[first + k] == level
            number += here
            draws[k] = streams.uniform(start, person[first + k]) if here and away[first + k] == 0 else np.inf
        expected += _odds(share, level) * number
        upto = int(np.ceil(expected - u))
        _take_least(draws, upto - before, first, away, category)
        before, last, done = upto, level, done + number


@helper
def _known_absent(start, taking, begun, person, begins, away, draws):  # type: ignore[no-untyped-def]
    """Takes those known to be absent, by draws of their own, of those who may be meant; `draws` are then those of whom luck decides on.

    Had the same draws said who is known to be absent, those left over would have the greater ones.
    """
    category, first, people, known = taking[1], taking[2], taking[3], taking[5]
    eve = begun == -np.inf
    for k in range(people):
        meant = away[first + k] == 0 and (eve or begins[first + k] <= begun)
        draws[k] = streams.uniform(streams.mix(start), person[first + k]) if meant else np.inf
    _take_least(draws, known, first, away, category)
    for k in range(people):
        left = away[first + k] == 0 and (eve or begins[first + k] > begun)
        draws[k] = streams.uniform(start, person[first + k]) if left else np.inf


@helper
def _absence(key, turn, taking, rate, begun, reported, name, person, begins, odds, away):  # type: ignore[no-untyped-def]
    """Absence of one group on one day: each person not yet away is taken with a chance, by a draw of its own."""
    category, first, people = taking[1], taking[2], taking[3]
    start = streams.base(key, streams.ABSENCE, name, turn)
    if begins is not None:
        if taking[5] >= 0:
            draws = np.empty(people)
            _known_absent(start, taking, begun, person, begins, away, draws)
            for k in range(people):
                factor = 1.0 if odds.size == 0 else odds[first + k]
                if draws[k] < _unreported(_odds(rate, factor), reported):
                    away[first + k] = category
            return
    for k in range(people):
        if away[first + k] == 0:
            factor = 1.0 if odds.size == 0 else odds[first + k]
            if streams.uniform(start, person[first + k]) < _odds(rate, factor):
                away[first + k] = category


@entry
def onset(usual, likely, stays, falling, factor):  # type: ignore[no-untyped-def]
    """The chance of falling ill on a day that brings the odds of being absent to `factor` times the usual, or as near as can be.

    `usual`, `likely`: chance of having been ill the day before, without events and with them; `stays` of staying so, `falling` of falling
    ill on this day without events. Those ill stay ill, so fewer than they cannot be absent, nor more than they and all the others.
    """
    if likely == usual and factor == 1.0:
        return falling
    asked = _odds(stays * usual + (1.0 - usual) * falling, factor)
    return min(1.0, max(0.0, (asked - stays * likely) / (1.0 - likely))) if likely < 1.0 else falling


@helper
def _shifted(rate, mean, to):  # type: ignore[no-untyped-def]
    """A rate whose mean is `mean` made one whose mean is `to`: some are spared, or more taken, each with a chance of their own."""
    if to == mean:
        return rate
    return rate * to / mean if to < mean else 1.0 - (1.0 - rate) * (1.0 - to) / (1.0 - mean)


@helper
def _next(was, stays, falls):  # type: ignore[no-untyped-def]
    """The chance of being ill on a day, from that of the day before."""
    return was * stays + (1.0 - was) * falls


@entry
def ill_on_the_eve(was, stays, falls, reported):  # type: ignore[no-untyped-def]
    """The chance of having been ill on the eve of one who has not been reported for the first day, as a share of those ill then is.

    By Bayes' rule: of those ill on the eve, chance `was`, 1 - reported x stays are not reported, of all 1 - reported x the chance of being
    ill on the first day. With `_unreported` for staying and for falling ill, the chance on the first day is then `_unreported` itself.
    """
    told = reported * _next(was, stays, falls)
    return was * (1.0 - reported * stays) / (1.0 - told) if told < 1.0 else was


@helper
def _fall_ill(start, taking, rate, mean, stays, reported, working, odds, first_day, ill, likely):  # type: ignore[no-untyped-def]
    """One day of everybody's spells. `working` [people of the group]: the shift instance of that day, -1: none.

    `first_day`: rate, its mean, and the shifts of the day after the eve. `likely` on the eve is that without regard to what is reported.
    """
    day, at = taking[4], taking[6]
    for p in range(working.size):
        who = at + p
        u, falls, after = streams.uniform(start, p), rate, first_day[0]
        if odds.size > 0:
            factor = odds[working[p]] if working[p] >= 0 else 1.0
            if day < 0:
                likely[0, who], likely[1, who] = mean, _odds(mean, factor)
                falls = likely[1, who]
                factor = odds[first_day[2][p]] if first_day[2][p] >= 0 else 1.0
                after = _shifted(first_day[0], first_day[1], onset(likely[0, who], falls, stays, first_day[1], factor))
            else:
                to = onset(likely[0, who], likely[1, who], stays, mean, factor)
                falls = _shifted(rate, mean, to)
                likely[0, who] = _unreported(_next(likely[0, who], stays, mean), reported)
                likely[1, who] = _unreported(_next(likely[1, who], stays, to), reported)
                if abs(likely[1, who] - likely[0, who]) < 1e-12:
                    likely[1, who] = likely[0, who]
        if day < 0:
            ill[who] = u < (falls if reported == 0.0 else ill_on_the_eve(falls, stays, after, reported))
        else:
            ill[who] = u < _unreported(stays if ill[who] else falls, reported)


@helper
def _learn(taking, begun, person, begins, away, likely):  # type: ignore[no-untyped-def]
    """What those known to be absent say of everybody's chance of being so: any who may be meant are as likely to be among them."""
    first, people, known, at = taking[2], taking[3], taking[5], taking[6]
    eve, meant = begun == -np.inf, 0
    for k in range(people):
        meant += away[first + k] == 0 and (eve or begins[first + k] <= begun)
    for k in range(people):
        if away[first + k] == 0 and (eve or begins[first + k] <= begun):
            who, share = at + person[first + k], min(1.0, known / meant)
            for row in range(2):
                likely[row, who] = share + (1.0 - share) * likely[row, who] if eve else share


@helper
def _shifts_of(taking, person):  # type: ignore[no-untyped-def]
    """The shift instance that each of the group's people works on the day of a taking, -1: none. [people of the group]"""
    working = np.full(taking[7], -1)
    for k in range(taking[3]):
        working[person[taking[2] + k]] = taking[2] + k
    return working


@helper
def _spells(key, turn, taking, rate, mean, bounds, first_day, name, person, begins, odds, ill, likely, away):  # type: ignore[no-untyped-def]
    """Absence in spells: everybody of the group goes on a day, working or not, and who is ill stays away.

    `first_day`: taking, rate and its mean of the first day of the path, on the eve. `ill` [people of all spells], and `likely` [2, people
    of all spells] how likely that was, without events and with them.
    """
    category, first, people, at = taking[1], taking[2], taking[3], taking[6]
    stays, begun, reported = bounds
    start = streams.base(key, streams.ONSET, name, turn)
    next_day = first_day[1], first_day[2], _shifts_of(first_day[0], person)
    _fall_ill(start, taking, rate, mean, stays, reported, _shifts_of(taking, person), odds, next_day, ill, likely)
    if begins is not None:
        if taking[5] >= 0:
            if odds.size > 0:
                _learn(taking, begun, person, begins, away, likely)
            draws = np.empty(people)
            _known_absent(start, taking, begun, person, begins, away, draws)
            for k in range(people):
                # of the shifts that are settled only those known are away; the others are as luck has them
                settled = begun > -np.inf and begins[first + k] <= begun
                if away[first + k] == category:
                    ill[at + person[first + k]] = True
                elif settled and away[first + k] == 0:
                    ill[at + person[first + k]] = False
    for k in range(people):
        if ill[at + person[first + k]] and away[first + k] == 0:
            away[first + k] = category


@entry
def take(key, takings, reals, names, rates, person, begins, absence_odds, leave_odds, ill, likely, away):  # type: ignore[no-untyped-def]
    """Fill `away` [S] with what each taking takes, in order. `takings` [T, 8] and `reals` [T, 4] hold the columns of `takings.Taking`.

    What a scenario has no use for is None, and then not compiled: `begins` where nobody is known to be absent, `leave_odds` without planned
    leave, `ill` and `likely` without spells.
    """
    for j in range(takings.shape[0]):
        taking = takings[j]
        # the eve is day -1; `nth` counts from 0
        turn = taking[4] + 1
        if taking[0] == PLANNED:
            if leave_odds is not None:
                _leave(key, turn, taking, rates[j], names[j], person, leave_odds, away)
        elif taking[0] == ABSENCE:
            _absence(key, turn, taking, rates[j], reals[j, 1], reals[j, 2], names[j], person, begins, absence_odds, away)
        elif ill is not None:
            bounds = reals[j, 0], reals[j, 1], reals[j, 2]
            k = j + (taking[4] < 0)  # on the eve, the same spells on the first day
            while takings[k, 0] != SPELLS or takings[k, 6] != taking[6]:
                k += 1
            first_day = takings[k], rates[k], reals[k, 3]
            _spells(key, turn, taking, rates[j], reals[j, 3], bounds, first_day, names[j], person, begins, absence_odds, ill, likely, away)


@entry
def end(first, last, category, after, person, missed, away, ended):  # type: ignore[no-untyped-def]
    """Who misses `after` shifts in a row under a category is away under it for all later ones: `ended` [S]. `missed` [people]"""
    missed[:] = 0
    for s in range(first, last):
        p = person[s]
        if missed[p] >= after:
            away[s] = category
            ended[s] = True
        elif away[s] == category:
            missed[p] += 1
        else:
            missed[p] = 0


@entry
def paces(start, spread, factor):  # type: ignore[no-untyped-def]
    """Multiply `factor` [people of a group] by everybody's own, lognormal of mean 1 and coefficient of variation `spread`."""
    variance = np.log1p(spread * spread)
    for p in range(factor.size):
        factor[p] *= exp(-0.5 * variance + np.sqrt(variance) * normal(streams.uniform(start, p)))
