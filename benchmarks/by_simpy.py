"""The days W1, W2 and W3 as somebody who knows SimPy would write them: a process a caller, agents as tokens in a store."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import simpy

from ccsim.inputs.scenario import Scenario

HANDLE, THRESHOLD, BLOCK, NOTICE = 300.0, 90.0, 3600.0, 600.0


class Centre:
    """One day of a single type of calls, staff by interval, and a pool of contingents if the scenario has one."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.env = simpy.Environment()
        self.luck = random.Random(seed)
        self.call = next(iter(scenario.calls.values()))
        group = next(iter(scenario.staff.values()))
        self.starts = scenario.horizon.interval_start.tolist()
        self.ends = scenario.horizon.interval_end.tolist()
        people = group.people
        self.staff = [people] * len(self.starts) if people is not None else [int(number) for number in group.positions]  # type: ignore[union-attr]
        self.pool = next(iter(scenario.contingent.values()), None)
        self.agents = simpy.Store(self.env)
        self.on_duty = 0  # regulars, those due out included
        self.home = 0  # contingents
        self.due_out = 0
        self.waiting = 0
        self.active = False
        self.block_until = 0.0
        self.call_up = 0.0  # when those on the way are there
        self.calls = self.within = 0
        self.waited = 0.0

    def play(self) -> None:
        """The whole day."""
        self.env.process(self.roster())
        self.env.process(self.arrivals())
        self.env.run()

    def roster(self) -> Generator[Any, Any, None]:
        """The number on duty follows the plan; who is on a call when it falls finishes first."""
        for start, number in zip(self.starts, self.staff, strict=True):
            yield self.env.timeout(start - self.env.now)
            change = number - (self.on_duty - self.due_out)
            kept = max(0, min(self.due_out, change))
            self.due_out -= kept
            for _ in range(change - kept):
                self.on_duty += 1
                self.agents.put("regular")
            for _ in range(-change):
                if "regular" in self.agents.items:
                    self.agents.items.remove("regular")
                    self.on_duty -= 1
                else:
                    self.due_out += 1

    def arrivals(self) -> Generator[Any, Any, None]:
        """A Poisson process whose rate is that of the interval."""
        for start, end, volume in zip(self.starts, self.ends, self.call.volume.tolist(), strict=True):
            time = start
            while (time := time + self.luck.expovariate(volume / (end - start))) < end:
                yield self.env.timeout(time - self.env.now)
                self.env.process(self.caller())

    def caller(self) -> Generator[Any, Any, None]:
        """Waits for an agent, or hangs up."""
        came = self.env.now
        self.calls += 1
        request = self.agents.get()
        self.waiting += 1
        self.look()
        if self.call.patience is None:
            yield request
        else:
            yield request | self.env.timeout(self.patience())
        self.waiting -= 1
        self.waited += self.env.now - came
        if not request.triggered:
            request.cancel()
            return
        agent = request.value
        self.within += self.env.now - came <= THRESHOLD
        yield self.env.timeout(self.handle_time())
        if agent == "regular" and self.due_out:
            self.due_out -= 1
            self.on_duty -= 1
        elif agent == "contingent" and self.over():
            self.home -= 1
        else:
            self.agents.put(agent)
        self.look()

    def handle_time(self) -> float:
        """Drawn when the call is answered."""
        if self.call.handle_time.kind == "lognormal":
            return self.luck.lognormvariate(5.3572, 0.83255)  # mean 300 s, cv 1
        return self.luck.expovariate(1.0 / HANDLE)

    def patience(self) -> float:
        """Drawn when the caller begins to wait."""
        if self.call.patience is not None and self.call.patience.kind == "weibull":
            return self.luck.weibullvariate(324.83, 1.3)  # mean 300 s
        return self.luck.expovariate(1.0 / 120.0)

    def look(self) -> None:
        """The rule of the contingents."""
        if self.pool is None or self.env.now >= self.ends[-1]:
            return
        people = self.on_duty - self.due_out + (0 if self.over() else self.home)
        # A store hands over what was put into it only after this step, so those who wait may have an agent already
        idle = len(self.agents.items) > self.waiting
        wait = 0.0 if idle else (self.waiting + 1) * HANDLE / max(1, people)
        if not self.active and wait >= 90.0:
            self.active = True
            if self.home < self.pool.agents:
                self.env.process(self.log_in())
        elif self.active and wait <= 20.0:
            self.active = False
            self.release()

    def over(self) -> bool:
        """Whether contingents go home as they come free."""
        return not self.active and self.env.now >= self.block_until

    def release(self) -> None:
        """Idle contingents go home, unless their time is not over."""
        if self.over():
            stay = [agent for agent in self.agents.items if agent == "regular"]
            self.home -= len(self.agents.items) - len(stay)
            self.agents.items[:] = stay

    def log_in(self) -> Generator[Any, Any, None]:
        """Everybody comes after the notice."""
        assert self.pool is not None
        due = self.call_up = self.env.now + NOTICE
        yield self.env.timeout(NOTICE)
        if not self.active or self.call_up != due or self.env.now >= self.ends[-1]:
            return  # called off in the meantime
        self.block_until = self.env.now + BLOCK
        missing = self.pool.agents - self.home
        self.home += missing
        self.agents.items.extend(["contingent"] * missing)
        self.agents._trigger_get(None)
        yield self.env.timeout(BLOCK)
        self.release()
