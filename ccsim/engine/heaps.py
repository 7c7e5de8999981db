"""Binary heaps on flat arrays: a time and a number for each entry, least time first, then least number.

Both functions are small enough for the compiler to inline. The caller keeps the size: one more after `rise`, one less before `sink`.
"""

from __future__ import annotations

from ccsim.engine.compiled import helper


@helper
def rise(times, numbers, size, time, number):  # type: ignore[no-untyped-def]
    """Put (time, number) into a heap of `size` entries. `times` [capacity] float64, `numbers` [capacity] integers."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if times[up] < time or (times[up] == time and numbers[up] < number):
            break
        times[i] = times[up]
        numbers[i] = numbers[up]
        i = up
    times[i] = time
    numbers[i] = number


@helper
def sink(times, numbers, size):  # type: ignore[no-untyped-def]
    """Take the first entry off a heap that has `size` entries once it is gone; the last one takes its place and sinks."""
    time = times[size]
    number = numbers[size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (times[right] < times[down] or (times[right] == times[down] and numbers[right] < numbers[down])):
            down = right
        if times[down] < time or (times[down] == time and numbers[down] < number):
            times[i] = times[down]
            numbers[i] = numbers[down]
            i = down
        else:
            break
    times[i] = time
    numbers[i] = number
