"""Timing by the host's clock, for devices that have no other."""

import time
from math import ceil

# A repeat lasts at least this long, so that reading the clock is no part of it.
SHORTEST_REPEAT_S = 50e-6
MOST_PASSES = 1000


def time_by_clock(steps, warm_up, repeats):
    """Seconds of one step, by repeat: every repeat runs all steps in order, several times over where they are short."""

    def once(passes):
        started = time.perf_counter_ns()
        for _ in range(passes):
            for step in steps:
                step()
        return (time.perf_counter_ns() - started) * 1e-9

    once(1)
    passes = min(MOST_PASSES, ceil(SHORTEST_REPEAT_S / max(once(1), 1e-9)))
    return [once(passes) / (passes * len(steps)) for _ in range(warm_up + repeats)][warm_up:]
