"""A trace played through one way of scaling."""

from __future__ import annotations

import math
import random

from bench.autoscaling.traces import Trace
from bench.autoscaling.world import Conditions, Outcome, Scaler, World


def play(trace: Trace, conditions: Conditions, scaler: Scaler, *, seed: int = 1) -> Outcome:
    """From the first arrival until everything is answered and the pods have come to rest, or a day later.

    Args:
        trace: when requests come, and what each takes.
        conditions: what things take.
        scaler: decides; fresh, since it remembers.
        seed: of which pod goes.
    """
    world = World(conditions, random.Random(seed))
    arrivals, services = trace.arrivals, trace.seconds
    coming, total = 0, len(arrivals)
    tick, over = 0.0, (arrivals[-1] if total else 0.0) + trace.rest
    while True:
        arrival = arrivals[coming] if coming < total else math.inf
        now = min(arrival, world.next_end(), tick)
        if now == math.inf or (coming == total and not world.in_flight and now > over):
            break
        scaler.advance(now, world.in_flight)
        world.now = now
        if now == arrival:
            world.arrive(services[coming])
            coming += 1
            if tick == math.inf:
                world.scale(scaler.tick(world, poked=True))
                tick = now + scaler.interval
        elif now < tick:
            world.settle()
        else:
            want = scaler.tick(world, poked=False)
            world.scale(want)
            world.dispatch()
            asleep = not want and not world.in_flight
            tick = math.inf if asleep else now + scaler.interval
    world.now = max(world.now, over)
    return world.end()
