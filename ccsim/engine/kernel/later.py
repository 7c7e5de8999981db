"""Calls that come of calls (section 9 of the rules): redials, repeats, transfers, callers told to call again."""

from __future__ import annotations

from ccsim.engine import streams
from ccsim.engine.compiled import helper, inlined
from ccsim.engine.heaps import rise
from ccsim.engine.kernel.more import CALL_SHIFT, CALLS, DUE, REDIAL, REPEAT, TOLD, TRANSFER
from ccsim.engine.kernel.records import INF, NO_ROOM, NO_ROOM_FOR_CALLS, ONE, ZERO
from ccsim.engine.more import NEVER
from ccsim.engine.streams import callers_bits, draw, unit

# Constants that are given to helpers, as numpy numbers (see `records`)
FOR_REDIAL, FOR_REDIAL_DELAY = ZERO + streams.REDIAL, ZERO + streams.REDIAL_DELAY
FOR_REPEAT, FOR_REPEAT_DELAY = ZERO + streams.REPEAT, ZERO + streams.REPEAT_DELAY
FOR_TOLD, FOR_TOLD_DELAY, FOR_TRANSFER = ZERO + streams.TOLD, ZERO + streams.TOLD_DELAY, ZERO + streams.TRANSFER
FOR_HANDLE_TIME, FOR_PATIENCE = ZERO + streams.HANDLE_TIME, ZERO + streams.PATIENCE
FOR_BALK, FOR_ROUTE = ZERO + streams.BALK, ZERO + streams.ROUTE
FOR_CALLBACK, FOR_REACHED = ZERO + streams.CALLBACK, ZERO + streams.REACHED


@inlined
def bits_of(late, queue_of, service, caller, key, purpose, call, ahead):  # type: ignore[no-untyped-def]
    """The bits of a draw of a call's caller, of this attempt (`ahead` 0) or of the next one (1)."""
    first, attempt = call, ahead
    if call >= caller.size:
        row = late[call - caller.size]
        first, attempt = row.first, row.attempt + ahead
    return callers_bits(key, purpose, service[queue_of[first]].name, attempt, caller[first])


@inlined
def coin(late, queue_of, service, caller, key, purpose, call, chance):  # type: ignore[no-untyped-def]
    """Whether what has this chance happens to a call."""
    happens = False
    if chance > 0.0:
        happens = unit(bits_of(late, queue_of, service, caller, key, purpose, call, ZERO)) < chance
    return happens


@helper
def is_open(open_window, time):  # type: ignore[no-untyped-def]
    """Whether the centre is open, by its hours."""
    for row in range(open_window.shape[0]):
        if open_window[row, 0] <= time < open_window[row, 1]:
            return True
    return False


@helper
def interval_of(interval_start, time):  # type: ignore[no-untyped-def]
    """The interval begun last, the first one before it."""
    low, high = 0, interval_start.size
    while high - low > 1:
        middle = (low + high) >> 1
        if interval_start[middle] <= time:
            low = middle
        else:
            high = middle
    return low


@helper
def comes(luck, before, queue, kind, due):  # type: ignore[no-untyped-def]
    """It is decided that a later call comes of the call `before`; one that is due while closed, or too late, never does."""
    late, queue_of, service, caller = luck.late, luck.queue, luck.service, luck.caller
    way = service[queue]
    if kind != TRANSFER:
        whenever = kind == REDIAL and way.after_closing == 1
        if due >= luck.end or not (whenever or is_open(luck.open_window, due)):
            luck.never_came[kind] += 1
            return
    c = luck.counts[CALLS]
    if c == luck.arrival.size:
        luck.no_room[NO_ROOM] = NO_ROOM_FOR_CALLS
        return
    luck.counts[CALLS] = c + 1
    first, attempt, redials = before, 1, 0
    if before >= caller.size:
        root = late[before - caller.size]
        first, attempt, redials = root.first, root.attempt + 1, root.redials
    interval = interval_of(luck.interval_start, due)
    row = late[c - caller.size]
    row.interval = interval
    row.kind = kind
    row.before = before
    row.first = first
    row.attempt = attempt
    row.redials = redials if kind == TOLD else redials + 1 if kind == REDIAL else 0
    luck.arrival[c] = due
    queue_of[c] = queue
    if kind == REDIAL and way.keeps == 1:
        luck.handle_time[c] = luck.handle_time[before]
        luck.patience[c] = luck.patience[before]
    else:
        laws, means = luck.laws[queue], luck.means[queue, interval]
        z = bits_of(late, queue_of, service, caller, luck.key, FOR_HANDLE_TIME, before, ONE)
        luck.handle_time[c] = draw(laws.handle, luck.values, z) * means.handle
        luck.patience[c] = INF
        if way.balk > 0.0 and unit(bits_of(late, queue_of, service, caller, luck.key, FOR_BALK, before, ONE)) < way.balk:
            luck.patience[c] = 0.0
        elif laws.patience[0] != NEVER:
            z = bits_of(late, queue_of, service, caller, luck.key, FOR_PATIENCE, before, ONE)
            luck.patience[c] = draw(laws.patience, luck.values, z) * means.patience
    if luck.random:
        luck.route[c] = unit(bits_of(late, queue_of, service, caller, luck.key, FOR_ROUTE, before, ONE))
    rise(luck.due_time, luck.due_key, luck.counts[DUE], due, c << CALL_SHIFT)
    luck.counts[DUE] += 1


@helper
def may_redial(luck, call, time):  # type: ignore[no-untyped-def]
    """After a hang-up or a busy signal: perhaps the caller calls again."""
    late, queue_of, service, caller = luck.late, luck.queue, luck.service, luck.caller
    q = queue_of[call]
    made = 0
    if call >= caller.size:
        made = late[call - caller.size].redials
    most = service[q].most_redials
    chance = luck.redial_chance[q, min(made, luck.redial_chance.shape[1] - 1)]
    if (most < 0 or made < most) and coin(late, queue_of, service, caller, luck.key, FOR_REDIAL, call, chance):
        z = bits_of(late, queue_of, service, caller, luck.key, FOR_REDIAL_DELAY, call, ZERO)
        delay = draw(luck.laws[q].redial_after, luck.values, z)
        comes(luck, call, q, REDIAL, time + delay)


@helper
def may_call_again(luck, call, told, time):  # type: ignore[no-untyped-def]
    """Perhaps a caller who is gone calls again; `told`: it was turned away by an outage and told to."""
    if not told:
        may_redial(luck, call, time)
        return
    late, queue_of, service, caller = luck.late, luck.queue, luck.service, luck.caller
    q = queue_of[call]
    row = luck.told[service[q].told_row]
    if coin(late, queue_of, service, caller, luck.key, FOR_TOLD, call, row.chance):
        z = bits_of(late, queue_of, service, caller, luck.key, FOR_TOLD_DELAY, call, ZERO)
        delay = draw(row.after, luck.values, z)
        comes(luck, call, q, TOLD, time + delay)


@helper
def goes_on(luck, call, line_until, end):  # type: ignore[no-untyped-def]
    """An answered call is passed on at `line_until`, or else the caller calls once more, some time after its `end`."""
    late, queue_of, service, caller = luck.late, luck.queue, luck.service, luck.caller
    q = queue_of[call]
    if service[q].passed_on > 0.0:
        u = unit(bits_of(late, queue_of, service, caller, luck.key, FOR_TRANSFER, call, ZERO))
        for other in range(luck.transfer_upto.shape[1]):
            if u < luck.transfer_upto[q, other]:
                comes(luck, call, other, TRANSFER, line_until)
                return
    if coin(late, queue_of, service, caller, luck.key, FOR_REPEAT, call, service[q].repeats):
        z = bits_of(late, queue_of, service, caller, luck.key, FOR_REPEAT_DELAY, call, ZERO)
        delay = draw(luck.laws[q].repeat_after, luck.values, z)
        comes(luck, call, q, REPEAT, end + delay)
